/**
 * Best-of-n as a policy with exact accounting: the baseline that every trained policy must beat at
 * equal divergence (Sun 2023, arXiv 2310.06147, takeaway on test-time use of the reward model).
 */
package dev.troupe.algorithms.bestofn;
