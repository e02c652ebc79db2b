package dev.troupe.algorithms.kl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import dev.troupe.algorithms.Require;

/**
 * The exact divergence of the next-token distributions of a policy p and a frozen reference q, a
 * sum over the whole vocabulary at each position. Unlike the estimators of {@link KlEstimator} it
 * has no variance, and it needs the logits of both models.
 */
public enum VocabularyDivergence {
  /**
   * {@code KL(q, p) = sum over v of q (log q - log p)}, the forward divergence of TDPO and SuperHF:
   * large where the policy has given up what the reference would say.
   */
  REFERENCE_TO_POLICY {
    @Override
    NDArray between(NDArray logpBTV, NDArray refLogpBTV) {
      return expectedLogRatio(refLogpBTV, logpBTV);
    }
  },

  /**
   * {@code KL(p, q) = sum over v of p (log p - log q)}, the divergence that reward maximisation is
   * usually held back by: large where the policy says what the reference would not.
   */
  POLICY_TO_REFERENCE {
    @Override
    NDArray between(NDArray logpBTV, NDArray refLogpBTV) {
      return expectedLogRatio(logpBTV, refLogpBTV);
    }
  };

  /**
   * Log-probability, nats, below which a token is left out of the expectation. Its weight is below
   * 2e-35; a logit of minus infinity would otherwise turn it into 0 * infinity.
   */
  public static final double NEGLIGIBLE_LOGP = -80;

  /**
   * The divergence at each position, differentiable in the policy alone.
   *
   * @param logpBTV log-probability of every token under the policy, nats, normalised over the last
   *     axis, (B, T, V)
   * @param refLogpBTV the same under the reference; no gradient reaches it, (B, T, V)
   * @return divergence, nats, (B, T), attached to the manager of {@code logpBTV}
   * @throws IllegalArgumentException if the shapes (the vocabularies, for example) or types differ
   */
  public NDArray perPosition(NDArray logpBTV, NDArray refLogpBTV) {
    Require.axes("logpBTV", logpBTV, "BTV");
    Require.sameLayout("logpBTV", logpBTV, "refLogpBTV", refLogpBTV);
    return between(logpBTV, refLogpBTV.stopGradient());
  }

  abstract NDArray between(NDArray logpBTV, NDArray refLogpBTV);

  /** The mean of {@code log p - log q} for a token drawn from p. */
  private static NDArray expectedLogRatio(NDArray logpBTV, NDArray logqBTV) {
    NDArray isLikelyBTV = logpBTV.gt(NEGLIGIBLE_LOGP);
    NDArray noneBTV = logpBTV.zerosLike();
    // Replaced before anything is computed from them, or the gradient would be NaN.
    NDArray likelyBTV = NDArrays.where(isLikelyBTV, logpBTV, noneBTV);
    NDArray otherBTV = NDArrays.where(isLikelyBTV, logqBTV, noneBTV);
    return likelyBTV.exp().mul(likelyBTV.sub(otherBTV)).sum(new int[] {2});
  }
}
