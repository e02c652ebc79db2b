package dev.troupe.algorithms.calibration;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * The loss of the reward model of PPO-M (Leng et al. 2025, section 3.2), which is to prefer stated
 * confidence where the answer is good and doubt where it is bad.
 */
public final class CalibratedRewardModelLoss {
  private CalibratedRewardModelLoss() {}

  /**
   * The share of one micro-batch in the loss of its optimiser batch. By default, {@link
   * CalibratedObjective#PAIRS}:
   *
   * <pre>
   * ( softplus(-(chosenHigh - chosenLow)) + softplus(-(rejectedLow - rejectedHigh)) ) / totalPairs
   * </pre>
   *
   * @param rewards rewards of the variants of each pair
   * @param objective which of them are compared
   * @param totalPairs pairs of the whole optimiser batch, at least as many as here
   * @return scalar loss, nats, shape (), attached to the manager of the rewards
   * @throws IllegalArgumentException if rewards that the objective reads are missing, shapes or
   *     types differ, a reward is not finite, or {@code totalPairs} is below 1 or below the pairs
   *     given
   */
  public static NDArray loss(
      ConfidenceRewards rewards, CalibratedObjective objective, long totalPairs) {
    List<String> names =
        new ArrayList<>(List.of("chosenHighP", "chosenLowP", "rejectedHighP", "rejectedLowP"));
    List<NDArray> arrays =
        new ArrayList<>(
            List.of(
                rewards.chosenHighP(),
                rewards.chosenLowP(),
                rewards.rejectedHighP(),
                rewards.rejectedLowP()));
    if (objective.needsPlainPair()) {
      names.addAll(List.of("chosenP", "rejectedP"));
      arrays.add(rewards.chosenP());
      arrays.add(rewards.rejectedP());
    }
    requireRewards(names, arrays, objective);
    Require.total("totalPairs", totalPairs, rewards.chosenHighP().getShape().get(0));
    return objective.loss(rewards, totalPairs);
  }

  private static void requireRewards(
      List<String> names, List<NDArray> arrays, CalibratedObjective objective) {
    Require.axes(names.get(0), arrays.get(0), "P");
    for (int i = 1; i < arrays.size(); i++) {
      if (arrays.get(i) == null) {
        throw new IllegalArgumentException(
            "%s is missing, expected rewards because the objective is %s"
                .formatted(names.get(i), objective));
      }
      Require.sameLayout(names.get(0), arrays.get(0), names.get(i), arrays.get(i));
    }
    Require.finite(names, arrays.toArray(NDArray[]::new));
  }
}
