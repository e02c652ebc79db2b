/** Supervised fine-tuning. */
package dev.troupe.algorithms.sft;
