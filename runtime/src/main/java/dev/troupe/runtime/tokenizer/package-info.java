/**
 * Text to token ids and back: tokenizers loaded from a Hugging Face {@code tokenizer.json}, two
 * small built-in ones that write such a file themselves, text that grows token by token, and prompt
 * templates.
 */
package dev.troupe.runtime.tokenizer;
