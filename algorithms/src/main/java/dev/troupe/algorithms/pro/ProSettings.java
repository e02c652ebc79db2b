package dev.troupe.algorithms.pro;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * The choices of PRO.
 *
 * @param temperature what sharpens the contrasts
 * @param supervisedWeight coefficient w of the supervised term, 0 or more; it is multiplied by (l -
 *     1)^2 for a list of l candidates; 0.05 is published. At 0 nothing keeps the text fluent
 * @param supervisedMean false for the published sum over the tokens of the best candidate, true for
 *     their mean, which needs a w larger by about the usual length
 * @param denominatorEpsilon added to the denominator of each contrast, 0 or more; 0 is exact, the
 *     authors' code has 1e-10
 */
public record ProSettings(
    Temperature temperature,
    double supervisedWeight,
    boolean supervisedMean,
    double denominatorEpsilon) {
  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public ProSettings {
    List<String> problems = new ArrayList<>();
    if (temperature == null) {
      problems.add("temperature is missing, expected one of " + List.of(Temperature.values()));
    }
    requireNotNegative(problems, "supervisedWeight", supervisedWeight);
    requireNotNegative(problems, "denominatorEpsilon", denominatorEpsilon);
    Require.none("PRO settings", problems);
  }

  /**
   * The published method: reward gaps as temperatures, weight 0.05 of the supervised sum.
   *
   * @return the settings
   */
  public static ProSettings published() {
    return new ProSettings(Temperature.REWARD_GAP, 0.05, false, 0);
  }

  private static void requireNotNegative(List<String> problems, String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      problems.add(name + " is " + value + ", expected 0 or more");
    }
  }
}
