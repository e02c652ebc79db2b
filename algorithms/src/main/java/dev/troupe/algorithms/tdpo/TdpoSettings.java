package dev.troupe.algorithms.tdpo;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * The choices of TDPO. The variant has no default: the published command line says one and runs the
 * other.
 *
 * @param variant which loss
 * @param beta strength of the pull to the reference, reward per nat, above 0; 0.1 is published. It
 *     scales the divergences too
 * @param alpha weight of the divergences in {@link TdpoVariant#TDPO2}, 0 or more, 0.5 is published;
 *     not read by {@link TdpoVariant#TDPO1}
 */
public record TdpoSettings(TdpoVariant variant, double beta, double alpha) {
  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public TdpoSettings {
    List<String> problems = new ArrayList<>();
    if (variant == null) {
      problems.add("variant is missing, expected one of " + List.of(TdpoVariant.values()));
    }
    if (!(beta > 0 && beta < Double.POSITIVE_INFINITY)) {
      problems.add("beta is " + beta + ", expected a number above 0");
    }
    if (!(alpha >= 0 && alpha < Double.POSITIVE_INFINITY)) {
      problems.add("alpha is " + alpha + ", expected 0 or more");
    }
    Require.none("TDPO settings", problems);
  }

  /**
   * TDPO1.
   *
   * @param beta reward per nat, above 0
   * @return the settings
   */
  public static TdpoSettings tdpo1(double beta) {
    return new TdpoSettings(TdpoVariant.TDPO1, beta, 1);
  }

  /**
   * TDPO2.
   *
   * @param beta reward per nat, above 0
   * @param alpha weight of the divergences, 0 or more; at 0 the loss is that of DPO
   * @return the settings
   */
  public static TdpoSettings tdpo2(double beta, double alpha) {
    return new TdpoSettings(TdpoVariant.TDPO2, beta, alpha);
  }
}
