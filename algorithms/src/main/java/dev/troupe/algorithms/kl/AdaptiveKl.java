package dev.troupe.algorithms.kl;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * A divergence coefficient that steers the divergence to a target (Ziegler et al. 2019, section
 * 2.2):
 *
 * <pre>coefficient *= 1 + clip(kl / target - 1, -0.2, 0.2) * samples / horizon</pre>
 *
 * @param coefficient its present value, above 0; at 0 it could never grow
 * @param target the wanted divergence, nats for each response, above 0
 * @param horizon samples over which the coefficient may change by its own size, times 0.2; above 0
 */
public record AdaptiveKl(double coefficient, double target, double horizon) {
  /** Largest relative error that is acted on, either way; the value of the paper. */
  public static final double MAX_ERROR = 0.2;

  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is not a number above 0
   */
  public AdaptiveKl {
    List<String> problems = new ArrayList<>();
    requirePositive("coefficient", coefficient, problems);
    requirePositive("target", target, problems);
    requirePositive("horizon", horizon, problems);
    Require.none("adaptive KL coefficient", problems);
  }

  private static void requirePositive(String name, double value, List<String> problems) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      problems.add(name + " is " + value + ", expected a number above 0");
    }
  }

  /**
   * The controller after one update of the policy.
   *
   * @param kl observed mean divergence of the update's responses, nats; an estimate may be negative
   * @param samples responses of the update, 0 or more, below {@code 5 * horizon}
   * @return the controller with the next coefficient
   * @throws IllegalArgumentException if the divergence is not finite, or there are so many samples
   *     that the coefficient could reach 0
   */
  public AdaptiveKl after(double kl, long samples) {
    Require.within("kl", kl, -Double.MAX_VALUE, Double.MAX_VALUE);
    if (samples < 0 || samples * MAX_ERROR >= horizon) {
      throw new IllegalArgumentException(
          "samples is %d, expected 0 or more and less than 5 times the horizon of %s"
              .formatted(samples, horizon));
    }
    double error = Math.max(-MAX_ERROR, Math.min(MAX_ERROR, kl / target - 1));
    return new AdaptiveKl(coefficient * (1 + error * samples / horizon), target, horizon);
  }
}
