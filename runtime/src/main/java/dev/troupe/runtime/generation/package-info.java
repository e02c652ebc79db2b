/** Sampling from a decoder: batches with a KV cache, reproducible one completion at a time. */
package dev.troupe.runtime.generation;
