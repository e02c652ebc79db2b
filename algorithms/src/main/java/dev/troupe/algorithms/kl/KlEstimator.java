package dev.troupe.algorithms.kl;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;

/**
 * Estimators of the divergence KL(policy, reference) from tokens sampled by the policy (Schulman,
 * "Approximating KL divergence", 2020). With {@code d = logp - refLogp}, in nats:
 *
 * <table>
 * <caption>What each estimator is good for</caption>
 * <tr><th>name</th><th>value</th><th>as an estimate</th><th>gradient when used inside a loss</th></tr>
 * <tr><td>{@link #K1}</td><td>d</td><td>unbiased, may be negative</td><td>zero in expectation</td></tr>
 * <tr><td>{@link #K2}</td><td>d&sup2;/2</td><td>biased</td><td>that of KL(policy, reference)</td></tr>
 * <tr><td>{@link #K3}</td><td>exp(-d) + d - 1</td><td>unbiased, never negative</td>
 * <td>that of KL(reference, policy)</td></tr>
 * <tr><td>{@link #K3_PLUS}</td><td>exp(-d) + d - 1</td><td>unbiased, never negative</td>
 * <td>that of KL(policy, reference)</td></tr>
 * </table>
 *
 * So {@link #K1} belongs in the reward, and the others in the loss.
 */
public enum KlEstimator {
  /** The log-ratio itself. Restrains nothing when it is put in a loss. */
  K1 {
    @Override
    NDArray ofLogRatio(NDArray differenceBT) {
      return differenceBT;
    }

    @Override
    double ofLogRatio(double difference) {
      return difference;
    }
  },

  /** Half the squared log-ratio. */
  K2 {
    @Override
    NDArray ofLogRatio(NDArray differenceBT) {
      return Scalars.times(differenceBT.square(), 0.5);
    }

    @Override
    double ofLogRatio(double difference) {
      return 0.5 * difference * difference;
    }
  },

  /** The estimator of the GRPO paper; its log-ratio is clamped to +-{@link #MAX_LOG_RATIO}. */
  K3 {
    @Override
    NDArray ofLogRatio(NDArray differenceBT) {
      NDArray inverseBT = differenceBT.neg().clip(-MAX_LOG_RATIO, MAX_LOG_RATIO);
      return inverseBT.exp().sub(inverseBT).sub(1.0);
    }

    @Override
    double ofLogRatio(double difference) {
      double inverse = Math.max(-MAX_LOG_RATIO, Math.min(MAX_LOG_RATIO, -difference));
      // expm1 keeps the digits that exp(x) - 1 loses near zero, where a trained policy lives.
      return Math.expm1(inverse) - inverse;
    }
  },

  /**
   * The value of {@link #K3} with the gradient of {@link #K2}: unbiased, never negative, and a
   * restraint on KL(policy, reference); verl's "k3+".
   */
  K3_PLUS {
    @Override
    NDArray ofLogRatio(NDArray differenceBT) {
      NDArray k2BT = K2.ofLogRatio(differenceBT);
      NDArray k3BT = K3.ofLogRatio(differenceBT.stopGradient());
      return k3BT.add(k2BT.sub(k2BT.stopGradient()));
    }

    @Override
    double ofLogRatio(double difference) {
      return K3.ofLogRatio(difference);
    }
  };

  /** Bound on a log-ratio before it is exponentiated, nats; the value used by verl and OpenRLHF. */
  public static final double MAX_LOG_RATIO = 20;

  /**
   * The estimate for each token. Differentiable in both arguments; beyond the clamp of {@link #K3}
   * the gradient is zero.
   *
   * @param logpBT log-probability of each sampled token under the policy, nats, (B, T)
   * @param refLogpBT the same under the reference, nats, (B, T)
   * @return the estimate, nats, (B, T), attached to the manager of {@code logpBT}
   * @throws IllegalArgumentException if the shapes or types differ
   */
  public NDArray perToken(NDArray logpBT, NDArray refLogpBT) {
    Require.sameLayout("logpBT", logpBT, "refLogpBT", refLogpBT);
    return ofLogRatio(logpBT.sub(refLogpBT));
  }

  /**
   * The same on the host, for one response.
   *
   * @param logp log-probability of each sampled token under the policy, nats, length T
   * @param refLogp the same under the reference, nats, length T
   * @return the estimate, nats, a new array of length T
   * @throws IllegalArgumentException if the lengths differ or a value is not finite
   */
  public float[] perToken(float[] logp, float[] refLogp) {
    Require.sameLength("logp", logp.length, "refLogp", refLogp.length);
    Require.finite("logp", logp);
    Require.finite("refLogp", refLogp);
    float[] estimate = new float[logp.length];
    for (int t = 0; t < logp.length; t++) {
      estimate[t] = (float) ofLogRatio((double) logp[t] - refLogp[t]);
    }
    return estimate;
  }

  /**
   * The estimate for one token.
   *
   * @param difference log-probability under the policy minus that under the reference, nats
   * @return the estimate, nats
   */
  public double perToken(double difference) {
    return ofLogRatio(difference);
  }

  abstract NDArray ofLogRatio(NDArray differenceBT);

  abstract double ofLogRatio(double difference);
}
