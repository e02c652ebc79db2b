package dev.troupe.algorithms.ppomax;

/**
 * The learning-rate multiplier of MOSS-RLHF: a linear warm-up that does not start below {@link
 * #FLOOR}, then {@code sqrt(warmup / step)}.
 *
 * @param warmupSteps optimiser steps of the warm-up, at least 1; the default of MOSS-RLHF is 500,
 *     its scripts have 100
 */
public record InverseSquareRootSchedule(int warmupSteps) {
  /** The smallest multiplier of the warm-up. */
  public static final double FLOOR = 0.1;

  /**
   * Checks the number of steps.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public InverseSquareRootSchedule {
    if (warmupSteps < 1) {
      throw new IllegalArgumentException(
          "warmupSteps is %d, expected at least 1".formatted(warmupSteps));
    }
  }

  /**
   * The multiplier of a step.
   *
   * @param step optimiser steps made before, 0 or more
   * @return a number in (0, 1]
   * @throws IllegalArgumentException if the step is negative
   */
  public double multiplier(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("step is %d, expected 0 or more".formatted(step));
    }
    return step < warmupSteps
        ? Math.max((double) step / warmupSteps, FLOOR)
        : Math.sqrt((double) warmupSteps / step);
  }
}
