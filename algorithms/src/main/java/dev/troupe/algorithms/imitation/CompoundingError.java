package dev.troupe.algorithms.imitation;

import dev.troupe.algorithms.Require;

/**
 * Expected number of wrong steps of a policy that errs with a constant probability at each step (as
 * in Ross and Bagnell 2010).
 *
 * @param perStep probability of an error at a step, in [0, 1]
 */
public record CompoundingError(double perStep) {
  /**
   * Checks the probability.
   *
   * @throws IllegalArgumentException if it is not in [0, 1]
   */
  public CompoundingError {
    Require.within("perStep", perStep, 0, 1);
  }

  /**
   * The cost when a mistake cannot be undone and every later step is wrong too: the sum over t = 1
   * ... T of {@code 1 - (1 - perStep)^t}, of order {@code perStep * T^2}.
   *
   * @param horizon steps T, 0 or more
   * @return expected wrong steps
   * @throws IllegalArgumentException if the horizon is negative
   */
  public double absorbing(int horizon) {
    requireHorizon(horizon);
    double cost = 0;
    for (int t = 1; t <= horizon; t++) {
      // 1 - (1 - e)^t; log1p and expm1 keep the digits of a small e.
      cost -= Math.expm1(t * Math.log1p(-perStep));
    }
    return cost;
  }

  /**
   * The cost when the policy has learned to go on from its own mistakes: {@code perStep * T}.
   *
   * @param horizon steps T, 0 or more
   * @return expected wrong steps
   * @throws IllegalArgumentException if the horizon is negative
   */
  public double recoverable(int horizon) {
    requireHorizon(horizon);
    return perStep * horizon;
  }

  private static void requireHorizon(int horizon) {
    if (horizon < 0) {
      throw new IllegalArgumentException("horizon is " + horizon + ", expected 0 or more steps");
    }
  }
}
