/** CISPO: importance weights are clipped instead of updates, so that every token keeps learning. */
package dev.troupe.algorithms.cispo;
