package dev.troupe.algorithms.superhf;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.nn.Activation;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.aggregation.ValidTokens;
import java.util.List;

/** The loss of SuperHF (Mukobi et al. 2023, section 3.2): cross-entropy with a divergence prior. */
public final class SuperHfLoss {
  /**
   * Cross-entropy, nats, below which the inverse penalty no longer grows: at 0 it would be
   * infinite.
   */
  public static final double MIN_CROSS_ENTROPY = 1e-6;

  private SuperHfLoss() {}

  /**
   * The share of one micro-batch in the loss of its mini-batch,
   *
   * <pre>
   * CE + c / CE + beta * reduce over examples of max(0, mean over positions of divergence)
   * CE = - sum of logp / totalTokens
   * </pre>
   *
   * with beta, c and the reduction of the settings. Both terms cover the same positions, those that
   * predict a completion token; the authors' code leaves out the first of them in the divergence
   * and takes one too many at the end.
   *
   * @param logpBT log-probability of each completion token, nats, (B, T); junk where the mask is 0
   * @param divergenceBT divergence from the original model at each position, in the direction of
   *     the settings, carrying the gradient of the policy, nats, (B, T); junk where the mask is 0;
   *     may be null if {@code klCoefficient} is 0
   * @param maskBT 1 for completion tokens, otherwise 0, (B, T)
   * @param settings coefficients and reduction
   * @param totalTokens completion tokens of the whole mini-batch, at least as many as here
   * @param totalExamples rows of the whole mini-batch, at least as many as here; a row without
   *     tokens counts, with divergence 0
   * @return scalar loss, nats, shape (), attached to the manager of {@code logpBT}; 0 if no token
   *     counts
   * @throws IllegalArgumentException if shapes or types differ, the mask is not 0 or 1, a value
   *     that counts is not finite, a needed divergence is missing, a total is too small, or there
   *     is an inverse penalty and the mini-batch is not whole: it is no sum over tokens
   */
  public static NDArray loss(
      NDArray logpBT,
      NDArray divergenceBT,
      NDArray maskBT,
      SuperHfSettings settings,
      long totalTokens,
      long totalExamples) {
    Require.axes("logpBT", logpBT, "BT");
    Require.sameLayout("logpBT", logpBT, "maskBT", maskBT);
    ValidTokens valid = ValidTokens.ofMask(maskBT);
    long tokens = Math.round(HostCopy.scalar(maskBT.sum()));
    Require.total("totalTokens", totalTokens, tokens);
    Require.total("totalExamples", totalExamples, logpBT.getShape().get(0));
    NDArray keptBT = valid.keep("logpBT", logpBT);
    Require.finite(List.of("logpBT"), keptBT);

    NDArray loss = Scalars.times(keptBT.sum(), -1.0 / totalTokens);
    if (settings.inversePenalty() > 0 && tokens > 0) {
      requireWhole(tokens, totalTokens, settings);
      loss = loss.add(inverse(loss, settings.inversePenalty()));
    }
    if (settings.klCoefficient() > 0) {
      NDArray klBT = valid.keep("divergenceBT", requireDivergence(divergenceBT, logpBT, settings));
      Require.finite(List.of("divergenceBT"), klBT);
      NDArray sumB = clampedMeans(klBT, maskBT).sum();
      boolean isMean = settings.reduction() == SuperHfSettings.Reduction.MEAN;
      double share = isMean ? 1.0 / totalExamples : 1;
      loss = loss.add(Scalars.times(sumB, settings.klCoefficient() * share));
    }
    return loss;
  }

  /**
   * The mean over the positions of each row, at least 0: rounding can make a divergence negative.
   */
  private static NDArray clampedMeans(NDArray klBT, NDArray maskBT) {
    NDArray tokensB = maskBT.sum(new int[] {1});
    NDArray positionsB = NDArrays.maximum(tokensB, tokensB.onesLike());
    return Activation.relu(klBT.sum(new int[] {1}).div(positionsB));
  }

  private static NDArray inverse(NDArray crossEntropy, double coefficient) {
    NDArray floor = Scalars.times(crossEntropy.onesLike(), MIN_CROSS_ENTROPY);
    NDArray bounded = NDArrays.maximum(crossEntropy, floor);
    return Scalars.times(bounded.onesLike().div(bounded), coefficient);
  }

  private static void requireWhole(long tokens, long totalTokens, SuperHfSettings settings) {
    if (tokens != totalTokens) {
      throw new IllegalArgumentException(
          ("totalTokens is %d, expected %d, the number in this micro-batch, because inversePenalty"
                  + " is %s: give the whole mini-batch at once")
              .formatted(totalTokens, tokens, settings.inversePenalty()));
    }
  }

  private static NDArray requireDivergence(
      NDArray divergenceBT, NDArray logpBT, SuperHfSettings settings) {
    if (divergenceBT == null) {
      throw new IllegalArgumentException(
          "divergenceBT is missing, expected the divergence %s because klCoefficient is %s"
              .formatted(settings.direction(), settings.klCoefficient()));
    }
    Require.sameLayout("logpBT", logpBT, "divergenceBT", divergenceBT);
    return divergenceBT;
  }
}
