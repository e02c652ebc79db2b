/**
 * Several objectives at once (multi-objective GRPO, arXiv 2503.21819): a reward model that predicts
 * one score for each objective, and the ways from K scores to the one advantage that a policy can
 * learn from. A larger score is always better.
 */
package dev.troupe.algorithms.multiobjective;
