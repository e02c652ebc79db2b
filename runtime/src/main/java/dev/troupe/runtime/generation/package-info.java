/**
 * Sampling from a decoder in batches with a KV cache. Each completion has random numbers of its
 * own, counted from seed, ticket and sample, so that it can be drawn again alone; the completions
 * of a prompt share the cache of the prompt.
 */
package dev.troupe.runtime.generation;
