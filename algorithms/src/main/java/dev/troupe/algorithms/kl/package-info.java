/** Divergence between policy and reference, estimated from sampled tokens. */
package dev.troupe.algorithms.kl;
