/**
 * Token-level Direct Preference Optimization (Zeng et al. 2024): DPO with the divergence from the
 * reference at every position of both responses inside its margin.
 */
package dev.troupe.algorithms.tdpo;
