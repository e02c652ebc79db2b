/**
 * Supervised fine-tuning: the mean negative log-probability of the demonstrated tokens. Prompts and
 * padding are masked, and the mean is over the whole optimiser batch, not over micro-batches.
 */
package dev.troupe.algorithms.sft;
