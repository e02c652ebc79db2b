package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;

/**
 * A loss on the outputs of a decoder, written with differentiable {@link NDArray} operations.
 *
 * <p>Constants that the backward pass needs must be arrays of the micro-batch's manager: {@code
 * x.mul(0.5)} makes DJL wrap the number in Java memory that it frees at once, while the graph still
 * points to it, and after a garbage collection the gradient is garbage.
 *
 * <p>Shards of a step are computed side by side: a loss is called by several threads at once, in no
 * particular order but for the micro-batches of a shard. It keeps nothing itself; what is to be
 * measured goes into {@link MicroBatch#tally}.
 */
@FunctionalInterface
public interface LossFunction {
  /**
   * This micro-batch's part of the step's loss: a scalar with a gradient with respect to the arrays
   * of the micro-batch.
   */
  NDArray loss(MicroBatch batch);

  /**
   * Is told what the loss made of each token, once it is differentiated; only if the selection is
   * {@link Selection#RESPONSE}.
   *
   * @param slopesBT derivative of the loss with respect to the log-probability of each response
   *     token, row by row, (B, T); not to be written to
   */
  default void differentiated(MicroBatch batch, float[] slopesBT) {}
}
