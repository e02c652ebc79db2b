/**
 * Training and scoring of decoders: micro-batches, gradients, the optimizer and its schedule. The
 * losses of micro-batches are summed, so a loss weighs its tokens by what the whole step holds, and
 * the size of a micro-batch is a matter of memory only.
 */
package dev.troupe.runtime.training;
