/**
 * Preference Ranking Optimization (Song et al. 2023): a ranking of any length, learned from the
 * likelihood of its candidates. There is no reward model in the loop and no reference; only the
 * supervised term holds the policy.
 */
package dev.troupe.algorithms.pro;
