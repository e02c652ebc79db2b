package dev.troupe.algorithms.calibration;

import ai.djl.ndarray.NDArray;

/**
 * Rewards of the variants of P preference pairs, from one reward model, carrying its gradient.
 *
 * @param chosenHighP the chosen response with a high stated confidence, (P)
 * @param chosenLowP the chosen response with a low one, (P)
 * @param rejectedHighP the rejected response with a high one, (P)
 * @param rejectedLowP the rejected response with a low one, (P)
 * @param chosenP the chosen response without one, (P); may be null unless the objective is {@link
 *     CalibratedObjective#COMBINED}
 * @param rejectedP the rejected response without one, (P); null as {@code chosenP}
 */
public record ConfidenceRewards(
    NDArray chosenHighP,
    NDArray chosenLowP,
    NDArray rejectedHighP,
    NDArray rejectedLowP,
    NDArray chosenP,
    NDArray rejectedP) {}
