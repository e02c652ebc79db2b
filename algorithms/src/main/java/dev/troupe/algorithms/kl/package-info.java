/**
 * Divergence between policy and reference, estimated from sampled tokens. Which estimator fits
 * depends on where it is put: k1 belongs in the reward, k2 and k3 in a loss, where k1 has no
 * gradient in expectation.
 */
package dev.troupe.algorithms.kl;
