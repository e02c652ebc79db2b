/**
 * From losses of single tokens to the loss of an optimiser batch, and what counts as a token.
 * Weights are made for the whole batch on the host, so that micro-batches only have to be summed.
 */
package dev.troupe.algorithms.aggregation;
