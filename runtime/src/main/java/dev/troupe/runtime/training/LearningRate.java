package dev.troupe.runtime.training;

/**
 * A learning-rate schedule: linear warm-up to the peak, then constant, linear or cosine decay.
 *
 * @param peak highest rate
 * @param kind form after the warm-up
 * @param warmUpSteps steps of linear rise; step 0 has {@code peak / warmUpSteps}
 * @param totalSteps when the decay reaches the floor
 * @param floor share of the peak at the end, in [0, 1]
 */
public record LearningRate(
    double peak, Kind kind, long warmUpSteps, long totalSteps, double floor) {
  /** The form after the warm-up. */
  public enum Kind {
    CONSTANT,
    LINEAR,
    COSINE,
    /**
     * {@code peak * sqrt(warmUpSteps / step)}, with a warm-up of {@code step / warmUpSteps} that
     * does not start below a tenth: PPO-max (MOSS-RLHF). It knows no last step and no floor.
     */
    INVERSE_SQUARE_ROOT
  }

  private static final double LEAST_WARM_UP = 0.1;

  /** Refuses rates below 0, negative step counts and a floor outside [0, 1]. */
  public LearningRate {
    if (!(peak >= 0) || warmUpSteps < 0 || totalSteps < 0 || !(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException(
          "learning rate: peak = "
              + peak
              + ", warm-up-steps = "
              + warmUpSteps
              + ", steps = "
              + totalSteps
              + ", floor = "
              + floor
              + "; wanted are a rate and steps of 0 up and a floor in [0, 1]");
    }
  }

  /** A rate that never changes. */
  public static LearningRate constant(double rate) {
    return new LearningRate(rate, Kind.CONSTANT, 0, 0, 1);
  }

  /** The rate of a step, counted from 0. */
  public double at(long step) {
    if (kind == Kind.INVERSE_SQUARE_ROOT) {
      double warmUp = Math.max(1, warmUpSteps);
      return peak
          * (step < warmUp ? Math.max(step / warmUp, LEAST_WARM_UP) : Math.sqrt(warmUp / step));
    }
    if (step < warmUpSteps) {
      return peak * (step + 1) / warmUpSteps;
    }
    if (kind == Kind.CONSTANT) {
      return peak;
    }
    double span = Math.max(1, totalSteps - warmUpSteps);
    double progress = Math.min(1, (step - warmUpSteps) / span);
    double share = kind == Kind.LINEAR ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
    return peak * (floor + (1 - floor) * share);
  }
}
