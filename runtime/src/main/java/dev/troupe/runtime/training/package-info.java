/** Training and scoring of decoders: micro-batches, gradients, the optimizer and its schedule. */
package dev.troupe.runtime.training;
