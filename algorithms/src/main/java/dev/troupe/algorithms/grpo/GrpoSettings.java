package dev.troupe.algorithms.grpo;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.policy.KlTerm;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.algorithms.ppo.TokenRatio;
import java.util.ArrayList;
import java.util.List;

/**
 * The choices that make up a GRPO-like method. The published ones are {@link #grpo}, {@link
 * #drGrpo} and {@link #dapo}.
 *
 * @param clipLow how far below 1 the probability ratio may pay, in (0, 1]
 * @param clipHigh how far above 1 the probability ratio may pay, above 0
 * @param dualClip bound on the loss of tokens with a negative advantage, in multiples of it: above
 *     1, or 0 for none
 * @param klEstimator the divergence to the reference that is added to the loss
 * @param klCoefficient its coefficient, 0 or more; at 0 no reference is needed
 * @param aggregation how token losses become one loss
 * @param advantage how rewards become advantages
 * @param constantLength tokens, at least 1, for {@link Aggregation#CONSTANT_LENGTH}; otherwise not
 *     read, 0 or more
 */
public record GrpoSettings(
    double clipLow,
    double clipHigh,
    double dualClip,
    KlEstimator klEstimator,
    double klCoefficient,
    Aggregation aggregation,
    GroupAdvantage advantage,
    int constantLength) {

  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public GrpoSettings {
    List<String> problems = new ArrayList<>();
    if (!(clipLow > 0 && clipLow <= 1)) {
      problems.add("clipLow is " + clipLow + ", expected a number in (0, 1]");
    }
    if (!(clipHigh > 0 && clipHigh < Double.POSITIVE_INFINITY)) {
      problems.add("clipHigh is " + clipHigh + ", expected a number above 0");
    }
    if (dualClip != 0 && !(dualClip > 1 && dualClip < Double.POSITIVE_INFINITY)) {
      problems.add("dualClip is " + dualClip + ", expected a number above 1, or 0 for none");
    }
    if (!(klCoefficient >= 0 && klCoefficient < Double.POSITIVE_INFINITY)) {
      problems.add("klCoefficient is " + klCoefficient + ", expected 0 or more");
    }
    if (klEstimator == null) {
      problems.add("klEstimator is missing, expected one of " + List.of(KlEstimator.values()));
    }
    if (aggregation == null) {
      problems.add("aggregation is missing, expected one of " + List.of(Aggregation.values()));
    }
    if (advantage == null) {
      problems.add("advantage is missing, expected a GroupAdvantage");
    }
    int shortest = aggregation == Aggregation.CONSTANT_LENGTH ? 1 : 0;
    if (constantLength < shortest) {
      problems.add(
          "constantLength is %d, expected at least %d for %s"
              .formatted(constantLength, shortest, aggregation));
    }
    Require.none("GRPO settings", problems);
  }

  /**
   * GRPO of DeepSeekMath (Shao et al. 2024): clip 0.2, K3 in the loss with coefficient 0.04, the
   * mean over responses of the mean over tokens.
   *
   * @return the settings
   */
  public static GrpoSettings grpo() {
    return new GrpoSettings(
        0.2,
        0.2,
        0,
        KlEstimator.K3,
        0.04,
        Aggregation.SEQUENCE_MEAN_TOKEN_MEAN,
        GroupAdvantage.normalised(),
        0);
  }

  /**
   * Dr. GRPO (Liu et al. 2025): centred advantages, a constant length, no divergence term.
   *
   * @param constantLength the longest allowed response, tokens
   * @return the settings
   */
  public static GrpoSettings drGrpo(int constantLength) {
    return new GrpoSettings(
        0.2,
        0.2,
        0,
        KlEstimator.K3,
        0,
        Aggregation.CONSTANT_LENGTH,
        GroupAdvantage.centred(),
        constantLength);
  }

  /**
   * The loss of DAPO (Yu et al. 2025): clip-higher 0.28, the mean over all tokens of the batch, no
   * divergence term. Dynamic sampling and overlong shaping happen before the loss.
   *
   * @return the settings
   */
  public static GrpoSettings dapo() {
    return new GrpoSettings(
        0.2, 0.28, 0, KlEstimator.K3, 0, Aggregation.TOKEN_MEAN, GroupAdvantage.normalised(), 0);
  }

  /**
   * The loss that these settings describe, for {@link PolicyLoss#loss} or for further composition.
   *
   * @return token ratios, the clip, and the divergence term
   */
  public PolicyLoss policyLoss() {
    return new PolicyLoss(
        new TokenRatio(), surrogate(), null, new KlTerm(klEstimator, klCoefficient));
  }

  /**
   * The clip.
   *
   * @return both edges and the dual clip
   */
  public ClippedSurrogate surrogate() {
    return new ClippedSurrogate(clipLow, clipHigh, dualClip);
  }
}
