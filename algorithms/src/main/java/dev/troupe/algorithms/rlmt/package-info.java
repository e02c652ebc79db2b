/**
 * Reinforcement learning with model-rewarded thinking (RLMT, arXiv 2509.20357): the policy thinks,
 * then answers; a reward model sees the answer alone; every generated token learns from it.
 */
package dev.troupe.algorithms.rlmt;
