package dev.troupe.runtime.generation;

/**
 * Tokens of a completion that the same weights sampled.
 *
 * @param from index of the first of them; they reach to the next stretch or to the end
 * @param adoption which of the versions that the engine took up sampled them, as counted by {@link
 *     GenerationEngine#adopted}
 */
public record Stretch(int from, long adoption) {}
