/**
 * Models as one GGUF file (version 3), the format of llama.cpp and what is built on it: the shape
 * as metadata, the tokenizer, and the weights in float32, float16 or blocks of 8-bit integers. What
 * the format cannot express is refused in one sentence.
 */
package dev.troupe.runtime.gguf;
