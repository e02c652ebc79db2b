/**
 * What imitation costs: how the errors of a policy that learned from demonstrations add up, which
 * is the case for learning from its own rollouts (Sun 2023, arXiv 2310.06147).
 */
package dev.troupe.algorithms.imitation;
