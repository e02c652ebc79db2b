package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;

/** A loss on the outputs of a decoder, written with differentiable {@link NDArray} operations. */
@FunctionalInterface
public interface LossFunction {
  /**
   * This micro-batch's part of the step's loss: a scalar with a gradient with respect to the arrays
   * of the micro-batch.
   */
  NDArray loss(MicroBatch batch);
}
