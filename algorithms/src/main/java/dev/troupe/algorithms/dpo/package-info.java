/**
 * Direct Preference Optimization (Rafailov et al. 2023): the Bradley-Terry likelihood of pairs,
 * where the reward of a response is its log-ratio to a frozen reference. The log-probabilities are
 * sums over the response, not means.
 */
package dev.troupe.algorithms.dpo;
