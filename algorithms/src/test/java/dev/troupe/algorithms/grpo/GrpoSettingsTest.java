package dev.troupe.algorithms.grpo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.kl.KlEstimator;
import org.junit.jupiter.api.Test;

class GrpoSettingsTest {
  @Test
  void reportsAllMistakesAtOnce() {
    assertRefused(
        "GRPO settings: clipLow is 0.0, expected a number in (0, 1];"
            + " clipHigh is NaN, expected a number above 0;"
            + " dualClip is 1.0, expected a number above 1, or 0 for none;"
            + " klCoefficient is -0.1, expected 0 or more;"
            + " klEstimator is missing, expected one of [K1, K2, K3, K3_PLUS];"
            + " advantage is missing, expected a GroupAdvantage;"
            + " constantLength is 0, expected at least 1 for CONSTANT_LENGTH",
        () -> new GrpoSettings(0, Double.NaN, 1, null, -0.1, Aggregation.CONSTANT_LENGTH, null, 0));
  }

  @Test
  void theEdgesOfTheRangesAreInOrOut() {
    assertEquals(1, settings(1, 5, 0, 0).clipLow());
    double infinite = Double.POSITIVE_INFINITY;
    assertRefused(
        "GRPO settings: clipHigh is 0.0, expected a number above 0", () -> settings(0.2, 0, 0, 0));
    assertRefused(
        "GRPO settings: clipHigh is Infinity, expected a number above 0;"
            + " dualClip is Infinity, expected a number above 1, or 0 for none;"
            + " klCoefficient is Infinity, expected 0 or more",
        () -> settings(0.2, infinite, infinite, infinite));
    assertRefused(
        "GRPO settings: dualClip is 0.5, expected a number above 1, or 0 for none",
        () -> settings(0.2, 0.2, 0.5, 0));
  }

  private static GrpoSettings settings(double low, double high, double dual, double kl) {
    return new GrpoSettings(
        low, high, dual, KlEstimator.K2, kl, Aggregation.TOKEN_MEAN, GroupAdvantage.centred(), 0);
  }

  @Test
  void presetsDifferAsThePapersDo() {
    assertEquals(KlEstimator.K3, GrpoSettings.grpo().klEstimator());
    assertEquals(0.04, GrpoSettings.grpo().klCoefficient());
    assertEquals(Aggregation.SEQUENCE_MEAN_TOKEN_MEAN, GrpoSettings.grpo().aggregation());
    assertEquals(GroupAdvantage.Kind.CENTRED, GrpoSettings.drGrpo(1024).advantage().kind());
    assertEquals(1024, GrpoSettings.drGrpo(1024).constantLength());
    assertEquals(0.28, GrpoSettings.dapo().clipHigh());
    assertEquals(Aggregation.TOKEN_MEAN, GrpoSettings.dapo().aggregation());
  }
}
