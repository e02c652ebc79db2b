package dev.troupe.algorithms.sft;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.aggregation.ValidTokens;
import java.util.List;

/** Supervised fine-tuning: the weighted cross-entropy of demonstrated tokens. */
public final class SftLoss {
  private SftLoss() {}

  /**
   * The share of one micro-batch in the loss of its optimiser batch, {@code -sum(weight * logp)}.
   * With weights of {@link Aggregation#TOKEN_MEAN} the sum over all micro-batches is the mean
   * negative log-likelihood of a token.
   *
   * @param logpBT log-probability of each demonstrated token, nats, (B, T); junk where the weight
   *     is 0
   * @param weightBT weight of each token, computed for the whole optimiser batch; 0 for prompts and
   *     padding, (B, T)
   * @return scalar loss, nats, shape (), attached to the manager of {@code logpBT}; 0 if no token
   *     counts
   * @throws IllegalArgumentException if shapes or types differ, or a value with a weight is not
   *     finite
   */
  public static NDArray loss(NDArray logpBT, NDArray weightBT) {
    Require.axes("logpBT", logpBT, "BT");
    Require.sameLayout("logpBT", logpBT, "weightBT", weightBT);
    NDArray keptBT = ValidTokens.ofWeights(weightBT).keep("logpBT", logpBT);
    Require.finite(List.of("logpBT"), keptBT);
    return keptBT.mul(weightBT).sum().neg();
  }
}
