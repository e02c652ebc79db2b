package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.multiobjective.NormaliseThenSum;
import dev.troupe.algorithms.multiobjective.RegressionReport;
import dev.troupe.algorithms.multiobjective.RewardRegressionLoss;
import dev.troupe.algorithms.multiobjective.WeightedSum;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** Reward regression and scalarisation. */
final class MultiObjectiveVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "multi-objective-grpo";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "reward_regression_mse", MultiObjectiveVectors::regression,
        "scalarise_equal_weights", MultiObjectiveVectors::scalarise,
        "scalarise_safety_heavy", MultiObjectiveVectors::scalarise,
        "grpo_step_on_scalarised_reward", MultiObjectiveVectors::step);
  }

  private static Map<String, Object> regression(VectorCase vector, NDManager manager) {
    double[][] scores = vector.matrix("prediction");
    double[][] labels = vector.matrix("target");
    double[][] mask = vector.matrix("label_mask");
    long known = (long) Arrays.stream(mask).flatMapToDouble(Arrays::stream).sum();
    NDArray prediction = Torch.matrix(manager, scores);
    NDArray target = Torch.matrix(manager, labels);
    NDArray maskBK = Torch.matrix(manager, mask);
    var result =
        Torch.differentiate(
            () ->
                RewardRegressionLoss.loss(
                    prediction,
                    target,
                    maskBK,
                    RewardRegressionLoss.Head.LINEAR,
                    Math.max(1, known)),
            prediction);
    boolean[][] isKnown = new boolean[mask.length][mask[0].length];
    for (int i = 0; i < mask.length; i++) {
      for (int k = 0; k < mask[i].length; k++) {
        isKnown[i][k] = mask[i][k] == 1;
      }
    }
    return Map.of(
        "loss", result.loss(),
        "per_label_mse", RegressionReport.of(scores, labels, isKnown).meanSquaredError(),
        "dloss_dprediction", Torch.rows(result.gradients()[0], mask[0].length));
  }

  private static Map<String, Object> scalarise(VectorCase vector, NDManager manager) {
    double[][] scores = vector.matrix("scores");
    double[] reward = rewards(vector);
    var other =
        new NormaliseThenSum(
            weights(vector), deviation(vector), vector.param("eps_normalise_then_sum"));
    return Map.of(
        "reward",
        reward,
        "advantage_sum_then_normalise",
        advantage(vector, reward),
        "normalised_per_objective_sum",
        other.sums(scores),
        "advantage_normalise_then_sum",
        other.advantages(new double[][][] {scores})[0]);
  }

  private static Map<String, Object> step(VectorCase vector, NDManager manager) {
    double[] reward = rewards(vector);
    double[] advantage = advantage(vector, reward);
    GroupPolicy.Step step = GroupPolicy.step(vector, manager, advantage, vector.matrix("mask"));
    return Map.of(
        "reward",
        reward,
        "advantage",
        advantage,
        "loss",
        step.loss(),
        "dloss_dlogprob",
        step.gradient());
  }

  private static double[] rewards(VectorCase vector) {
    return new WeightedSum(weights(vector)).of(vector.matrix("scores"));
  }

  private static double[] advantage(VectorCase vector, double[] reward) {
    return GroupAdvantage.normalised(deviation(vector), vector.param("eps")).of(reward);
  }

  private static double[] weights(VectorCase vector) {
    return vector.paramVector("weights");
  }

  private static Deviation deviation(VectorCase vector) {
    return Deviation.valueOf(vector.text("std").toUpperCase(Locale.ROOT));
  }
}
