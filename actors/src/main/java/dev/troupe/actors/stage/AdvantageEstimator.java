package dev.troupe.actors.stage;

import dev.troupe.algorithms.ppomax.AdvantageClip;
import java.util.List;

/** How the rewards of a step become an advantage of each of its tokens. */
interface AdvantageEstimator {

  /**
   * What policy and critic learn from, a row for each trial in the order of the groups.
   *
   * @param advantages advantage of each token
   * @param returns what the critic should have said before each token; null without a critic
   */
  record Estimate(double[][] advantages, double[][] returns) {

    /** The same with every advantage within a bound. */
    Estimate clipped(AdvantageClip bound) {
      return new Estimate(bound.of(advantages), returns);
    }
  }

  /**
   * @param groups the trials of a step, by group; at least one trial
   * @param values what the critic said before each token, a row for each trial; null without one
   */
  Estimate of(List<List<Trial>> groups, List<float[]> values);
}
