package dev.troupe.actors.stage;

import java.util.Arrays;
import java.util.List;

/**
 * The reward of a completion is the advantage of each of its tokens: whoever made it has compared
 * it already, or it is to be learnt from as it is.
 *
 * @param rewards what completions earn
 */
record GivenComparison(TokenRewards rewards) implements AdvantageEstimator {

  @Override
  public Estimate of(List<List<Trial>> groups, List<float[]> values) {
    double[][] rows =
        groups.stream()
            .flatMap(List::stream)
            .map(
                trial -> {
                  double[] row = new double[trial.length()];
                  Arrays.fill(row, rewards.whole(trial));
                  return row;
                })
            .toArray(double[][]::new);
    return new Estimate(rows, null);
  }
}
