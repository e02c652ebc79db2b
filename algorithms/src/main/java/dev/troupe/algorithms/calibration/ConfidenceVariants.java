package dev.troupe.algorithms.calibration;

import java.util.random.RandomGenerator;

/**
 * The four texts that PPO-M makes of a preference pair: each response with a high and with a low
 * stated confidence, drawn independently of each other and of the quality (Leng et al. 2025,
 * section 3.2).
 *
 * @param chosenHigh the chosen response with a confidence in 7 ... 10
 * @param chosenLow the chosen response with a confidence in 0 ... 3
 * @param rejectedHigh the rejected response with a confidence in 7 ... 10
 * @param rejectedLow the rejected response with a confidence in 0 ... 3
 */
public record ConfidenceVariants(
    String chosenHigh, String chosenLow, String rejectedHigh, String rejectedLow) {
  private static final int LOWEST_LOW = 0;
  private static final int LOWEST_HIGH = 7;
  private static final int LEVELS = 4;

  /**
   * Appends {@code Confidence: n.} on a line of its own. The prompt that asks for a confidence is
   * the caller's to prepend.
   *
   * @param chosen the chosen response
   * @param rejected the rejected response
   * @param random source of the confidences; four draws
   * @return the texts
   */
  public static ConfidenceVariants of(String chosen, String rejected, RandomGenerator random) {
    return new ConfidenceVariants(
        stated(chosen, LOWEST_HIGH, random),
        stated(chosen, LOWEST_LOW, random),
        stated(rejected, LOWEST_HIGH, random),
        stated(rejected, LOWEST_LOW, random));
  }

  private static String stated(String response, int lowest, RandomGenerator random) {
    return response + "\nConfidence: " + (lowest + random.nextInt(LEVELS)) + ".";
  }
}
