package dev.troupe.actors.stage;

import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.rto.GroupShapedAdvantage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The completions of a prompt are compared with each other: GRPO, Dr. GRPO and RLOO. All tokens of
 * a completion have its advantage, to which dense rewards are added where there are any.
 *
 * @param comparison what a reward is compared with
 * @param gamma discount of later dense rewards
 * @param rewards what tokens and completions earn
 */
record GroupComparison(GroupAdvantage comparison, double gamma, TokenRewards rewards)
    implements AdvantageEstimator {

  @Override
  public Estimate of(List<List<Trial>> groups, List<float[]> values) {
    var rows = new ArrayList<double[]>();
    for (List<Trial> group : groups) {
      if (!group.isEmpty()) {
        rows.addAll(Arrays.asList(rewards.isShaped() ? shaped(group) : plain(group)));
      }
    }
    return new Estimate(rows.toArray(double[][]::new), null);
  }

  private double[][] plain(List<Trial> group) {
    double[] advantage = comparison.of(whole(group));
    double[][] rows = new double[advantage.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new double[group.get(i).length()];
      Arrays.fill(rows[i], advantage[i]);
    }
    return rows;
  }

  private double[][] shaped(List<Trial> group) {
    float[][] shaping = group.stream().map(rewards::shaping).toArray(float[][]::new);
    return new GroupShapedAdvantage(comparison, gamma).of(whole(group), shaping);
  }

  private double[] whole(List<Trial> group) {
    return group.stream().mapToDouble(rewards::whole).toArray();
  }
}
