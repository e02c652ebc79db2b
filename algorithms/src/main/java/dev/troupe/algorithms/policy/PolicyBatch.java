package dev.troupe.algorithms.policy;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.aggregation.Aggregation;

/**
 * What a policy loss is computed from: the tokens of one micro-batch, padded to one length. What
 * the arrays hold where the weight is 0 does not matter, NaN included.
 *
 * @param logpBT log-probability of each sampled token under the policy being trained, nats, (B, T)
 * @param oldLogpBT the same under the policy before the update, which the clip is about; a
 *     constant, (B, T)
 * @param refLogpBT the same under the reference; a constant, (B, T); null if there is none
 * @param generatorLogpBT the same as the generator reported it; a constant, (B, T); null if there
 *     is no {@link Correction}
 * @param advantageBT advantage of each token; a constant, (B, T)
 * @param weightBT weight of each token from {@link Aggregation#weights}, computed for the whole
 *     optimiser batch; 0 where there is none, (B, T)
 */
public record PolicyBatch(
    NDArray logpBT,
    NDArray oldLogpBT,
    NDArray refLogpBT,
    NDArray generatorLogpBT,
    NDArray advantageBT,
    NDArray weightBT) {

  /** A batch without a reference and without a generator of its own. */
  public static PolicyBatch of(
      NDArray logpBT, NDArray oldLogpBT, NDArray advantageBT, NDArray weightBT) {
    return new PolicyBatch(logpBT, oldLogpBT, null, null, advantageBT, weightBT);
  }

  /** The same with the log-probabilities of a reference, (B, T), or null. */
  public PolicyBatch withReference(NDArray refLogpBT) {
    return new PolicyBatch(logpBT, oldLogpBT, refLogpBT, generatorLogpBT, advantageBT, weightBT);
  }

  /** The same with the log-probabilities that the generator reported, (B, T), or null. */
  public PolicyBatch withGenerator(NDArray generatorLogpBT) {
    return new PolicyBatch(logpBT, oldLogpBT, refLogpBT, generatorLogpBT, advantageBT, weightBT);
  }
}
