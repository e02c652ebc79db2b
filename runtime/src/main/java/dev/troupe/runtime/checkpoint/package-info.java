/**
 * Weights at rest: safetensors files, Hugging Face model directories, and the numbered checkpoints
 * of a run. Whatever is written here appears under its final name complete or not at all, and
 * whatever is read is checked before it is believed.
 */
package dev.troupe.runtime.checkpoint;
