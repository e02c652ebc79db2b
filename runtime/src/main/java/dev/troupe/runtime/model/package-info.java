/**
 * Decoders: their shape, their weights in native memory, and the device that computes with them.
 */
package dev.troupe.runtime.model;
