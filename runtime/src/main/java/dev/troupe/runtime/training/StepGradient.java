package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;

/**
 * The gradient of a step as far as a learner needs it: for those pieces of the parameters that it
 * updates.
 *
 * @param totals of the whole step
 * @param values of the learner's pieces, in their order
 * @param closeCleared frees it after the optimizer made zeros of it
 * @param close frees it otherwise
 */
record StepGradient(StepTotals totals, NDArray[] values, Runnable closeCleared, Runnable close) {}
