/** REINFORCE++: policy gradients without a critic, whose advantages are whitened over the batch. */
package dev.troupe.algorithms.reinforce;
