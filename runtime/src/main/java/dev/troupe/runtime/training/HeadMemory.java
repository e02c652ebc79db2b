package dev.troupe.runtime.training;

/**
 * Bounds on what the vocabulary head holds of the [selected positions, vocabulary] values.
 *
 * @param chunkValues logits are computed for at most this many values at once, but for a whole row
 * @param keptBytes probabilities up to this size are kept for the backward pass; more are computed
 *     again
 */
record HeadMemory(int chunkValues, long keptBytes) {
  static final HeadMemory DEFAULT = new HeadMemory(2 << 20, 256L << 20);
}
