package dev.troupe.algorithms.calibration;

/** How PPO-C changes a reward by the stated confidence (Leng et al. 2025, section 3.3). */
public enum CalibrationRule {
  /**
   * {@code r + w (r - average)(s - 1/2)}: the rule of the final version. With w = 2 a stated
   * confidence of 0 earns exactly the average, whatever the answer: a safe harbour, so watch the
   * distribution of confidences.
   */
  DIFFERENCE {
    @Override
    double adjust(double reward, double confidence, double average, double weight) {
      return reward + weight * (reward - average) * (confidence - 0.5);
    }
  },

  /**
   * {@code r + g} from the average upwards and {@code r - g} below it, with {@code g = w |r| (s -
   * 1/2)}: the rule of the first version. It depends on where the reward model has its zero, which
   * pairs do not determine.
   */
  THRESHOLD {
    @Override
    double adjust(double reward, double confidence, double average, double weight) {
      double change = weight * Math.abs(reward) * (confidence - 0.5);
      return reward >= average ? reward + change : reward - change;
    }
  };

  abstract double adjust(double reward, double confidence, double average, double weight);
}
