package dev.troupe.algorithms.superhf;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.kl.VocabularyDivergence;
import java.util.ArrayList;
import java.util.List;

/**
 * The choices of the loss of SuperHF.
 *
 * @param klCoefficient coefficient of the divergence, 0 or more; 0.35 is published, for a {@link
 *     Reduction#SUM} over mini-batches of two, so a {@link Reduction#MEAN} needs 0.7 for the same
 *     pull
 * @param reduction how the divergences of the examples become one number
 * @param direction which divergence the caller hands in; the authors' code has {@link
 *     VocabularyDivergence#REFERENCE_TO_POLICY}
 * @param inversePenalty coefficient c of {@code c / crossEntropy}, which pushes away from
 *     certainty, 0 or more; 0 is published
 */
public record SuperHfSettings(
    double klCoefficient,
    Reduction reduction,
    VocabularyDivergence direction,
    double inversePenalty) {
  /** How the divergences of the examples of a mini-batch become one number. */
  public enum Reduction {
    /** Their mean: the coefficient means the same for any mini-batch. */
    MEAN,

    /** Their sum, as in the authors' code: the pull grows with the mini-batch. */
    SUM
  }

  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public SuperHfSettings {
    List<String> problems = new ArrayList<>();
    if (!(klCoefficient >= 0 && klCoefficient < Double.POSITIVE_INFINITY)) {
      problems.add("klCoefficient is " + klCoefficient + ", expected 0 or more");
    }
    if (reduction == null) {
      problems.add("reduction is missing, expected one of " + List.of(Reduction.values()));
    }
    if (direction == null) {
      problems.add(
          "direction is missing, expected one of " + List.of(VocabularyDivergence.values()));
    }
    if (!(inversePenalty >= 0 && inversePenalty < Double.POSITIVE_INFINITY)) {
      problems.add("inversePenalty is " + inversePenalty + ", expected 0 or more");
    }
    Require.none("SuperHF settings", problems);
  }

  /**
   * Cross-entropy plus the mean forward divergence.
   *
   * @param klCoefficient coefficient of the divergence, 0 or more
   * @return the settings
   */
  public static SuperHfSettings forward(double klCoefficient) {
    return new SuperHfSettings(
        klCoefficient, Reduction.MEAN, VocabularyDivergence.REFERENCE_TO_POLICY, 0);
  }
}
