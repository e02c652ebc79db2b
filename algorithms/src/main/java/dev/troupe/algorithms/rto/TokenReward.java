package dev.troupe.algorithms.rto;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.kl.KlEstimator;
import java.util.ArrayList;
import java.util.List;

/**
 * The dense reward of Reinforced Token Optimization (Zhong et al. 2024, "DPO Meets PPO", eq. 4.4):
 * for token t of a response
 *
 * <pre>
 * reward[t] = clip(beta1 * (logpDpo[t] - logpDpoReference[t]), +-shapingClip)
 *           - beta2 * (logpPolicy[t] - logpReference[t])
 *           + (t is last) * beta3 * clip(R, +-outcomeClip)
 * </pre>
 *
 * The log-ratio of a DPO model is the token reward it has learnt, up to a potential; the policy
 * that sampled pays a {@link KlEstimator#K1} penalty. Without {@code beta1} this is the token
 * reward of PPO. All terms are constants: nothing here is differentiated.
 *
 * @param beta1 scale of the shaping, 0 or more; 0 switches it off (in the authors' code 0 acts as
 *     1). The paper uses 0.05; it is not the beta of DPO
 * @param beta2 coefficient of the KL penalty, reward per nat, 0 or more; 0 switches it off. The
 *     paper uses 0.01
 * @param beta3 scale of the outcome R. The paper uses 1
 * @param shapingClip bound on the shaping of a token, in units of reward; 0 for none. The authors'
 *     script uses 0.05, the paper's formula has none. A clipped sum no longer telescopes
 * @param outcomeClip bound on the outcome before it is scaled; 0 for none. OpenRLHF uses 10
 * @param granularity where the reward is paid
 */
public record TokenReward(
    double beta1,
    double beta2,
    double beta3,
    double shapingClip,
    double outcomeClip,
    Granularity granularity) {

  /** The bound on outcomes in OpenRLHF, which the authors' code is built on. */
  public static final double OUTCOME_CLIP = 10;

  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public TokenReward {
    List<String> problems = new ArrayList<>();
    requireNotNegative(problems, "beta1", beta1);
    requireNotNegative(problems, "beta2", beta2);
    if (!Double.isFinite(beta3)) {
      problems.add("beta3 is " + beta3 + ", expected a finite number");
    }
    requireNotNegative(problems, "shapingClip", shapingClip);
    requireNotNegative(problems, "outcomeClip", outcomeClip);
    if (granularity == null) {
      problems.add("granularity is missing, expected one of " + List.of(Granularity.values()));
    }
    Require.none("RTO token reward", problems);
  }

  /**
   * The reward of each token of one response.
   *
   * @param logps log-probabilities of its tokens
   * @param outcome the reward R of the whole response
   * @param endsSentence whether each token ends a sentence, length T; read only for {@link
   *     Granularity#SENTENCE}, otherwise may be null
   * @return a new array of length T; empty for an empty response, which has no token to be paid on
   * @throws IllegalArgumentException if a needed array is missing, lengths differ, or a number is
   *     not finite
   */
  public float[] of(TokenLogps logps, double outcome, boolean[] endsSentence) {
    Require.finite("outcome", new double[] {outcome});
    double[] shaping = rawShaping(logps);
    double[] reward = shaping.clone();
    if (beta2 > 0) {
      float[] policy = logps.policy();
      float[] reference = present("reference", logps.reference(), policy.length, "beta2", beta2);
      for (int t = 0; t < reward.length; t++) {
        reward[t] -= beta2 * KlEstimator.K1.perToken((double) policy[t] - reference[t]);
      }
    }
    if (reward.length > 0) {
      reward[reward.length - 1] += beta3 * clip(outcome, outcomeClip);
    }
    return place(reward, shaping, endsSentence);
  }

  /**
   * The shaping term alone, placed by the granularity: what {@link GroupShapedAdvantage} takes, and
   * whose sum should be watched next to the outcome so that it does not drown it.
   *
   * @param logps log-probabilities of the tokens of one response
   * @param endsSentence as in {@link #of}
   * @return a new array of length T; zeros if the shaping is off
   * @throws IllegalArgumentException if a needed array is missing, lengths differ, or a number is
   *     not finite
   */
  public float[] shaping(TokenLogps logps, boolean[] endsSentence) {
    double[] shaping = rawShaping(logps);
    return place(shaping, shaping, endsSentence);
  }

  private double[] rawShaping(TokenLogps logps) {
    float[] policy = logps.policy();
    Require.finite("policy", policy);
    double[] shaping = new double[policy.length];
    if (beta1 > 0) {
      float[] dpo = present("dpo", logps.dpo(), policy.length, "beta1", beta1);
      float[] reference =
          present("dpoReference", logps.dpoReference(), policy.length, "beta1", beta1);
      for (int t = 0; t < shaping.length; t++) {
        shaping[t] = clip(beta1 * ((double) dpo[t] - reference[t]), shapingClip);
      }
    }
    return shaping;
  }

  private float[] place(double[] reward, double[] shaping, boolean[] endsSentence) {
    if (granularity == Granularity.SENTENCE) {
      if (endsSentence == null) {
        throw new IllegalArgumentException(
            "endsSentence is missing, expected one flag for each token because granularity is "
                + granularity);
      }
      Require.sameLength("policy", reward.length, "endsSentence", endsSentence.length);
    }
    double[] placed =
        reward.length == 0 ? reward : granularity.place(reward, shaping, endsSentence);
    float[] narrow = new float[placed.length];
    for (int t = 0; t < placed.length; t++) {
      narrow[t] = (float) placed[t];
    }
    return narrow;
  }

  private static float[] present(
      String name, float[] values, int length, String reason, double reasonValue) {
    if (values == null) {
      throw new IllegalArgumentException(
          "%s is missing, expected %d log-probabilities because %s is %s"
              .formatted(name, length, reason, reasonValue));
    }
    Require.sameLength("policy", length, name, values.length);
    Require.finite(name, values);
    return values;
  }

  private static double clip(double value, double bound) {
    return bound == 0 ? value : Math.max(-bound, Math.min(bound, value));
  }

  private static void requireNotNegative(List<String> problems, String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      problems.add(name + " is " + value + ", expected 0 or more");
    }
  }
}
