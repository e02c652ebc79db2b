package dev.troupe.benchmarks;

/**
 * Something that is timed in every round.
 *
 * @param name what it is, unique in a run
 * @param work how many units one call does: tokens, GFLOP or GB
 * @param action one call
 */
record Measure(String name, double work, Runnable action) {}
