package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.calibration.CalibratedObjective;
import dev.troupe.algorithms.calibration.CalibratedReward;
import dev.troupe.algorithms.calibration.CalibratedRewardModelLoss;
import dev.troupe.algorithms.calibration.CalibrationMetrics;
import dev.troupe.algorithms.calibration.CalibrationRule;
import dev.troupe.algorithms.calibration.Confidence;
import dev.troupe.algorithms.calibration.ConfidenceRewards;
import dev.troupe.algorithms.testing.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** PPO-M, PPO-C, stated confidences and their calibration. */
final class CalibratedPpoVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "calibrated-ppo";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "ppo_m_calibrated_reward_model_loss", CalibratedPpoVectors::rewardModel,
        "ppo_c_difference", (vector, manager) -> rewards(vector, CalibrationRule.DIFFERENCE),
        "ppo_c_threshold", (vector, manager) -> rewards(vector, CalibrationRule.THRESHOLD),
        "confidence_parsing", CalibratedPpoVectors::parsing,
        "ece_and_auroc", CalibratedPpoVectors::metrics);
  }

  private static Map<String, Object> rewardModel(VectorCase vector, NDManager manager) {
    NDArray[] rewards =
        List.of("chosen_high", "chosen_low", "rejected_high", "rejected_low").stream()
            .map(name -> Torch.vector(manager, vector.vector(name)))
            .toArray(NDArray[]::new);
    ConfidenceRewards all =
        new ConfidenceRewards(
            rewards[0],
            rewards[1],
            rewards[2],
            rewards[3],
            Torch.vector(manager, vector.vector("plain_chosen")),
            Torch.vector(manager, vector.vector("plain_rejected")));
    long pairs = rewards[0].getShape().get(0);
    Torch.Differentiated result =
        Torch.differentiate(
            () -> CalibratedRewardModelLoss.loss(all, CalibratedObjective.PAIRS, pairs), rewards);
    return Map.of(
        "loss", result.loss(),
        "dloss_dchosen_high", result.gradients()[0],
        "dloss_dchosen_low", result.gradients()[1],
        "dloss_drejected_high", result.gradients()[2],
        "dloss_drejected_low", result.gradients()[3],
        "combined_option_adds_plain_pair",
            HostCopy.scalar(
                CalibratedRewardModelLoss.loss(all, CalibratedObjective.COMBINED, pairs)));
  }

  private static Map<String, Object> rewards(VectorCase vector, CalibrationRule rule) {
    var calibrated =
        new CalibratedReward(rule, vector.param("w"), vector.param("alpha"), vector.param("clamp"));
    double average = vector.param("initial_average");
    List<Map<String, Object>> batches = new ArrayList<>();
    for (JsonNode node : vector.inputs().get("batches")) {
      CalibratedReward.Batch batch =
          calibrated.of(
              average,
              doubles(node.get("reward_without_confidence")),
              doubles(node.get("confidence_0_1")));
      average = batch.average();
      batches.add(
          Map.of(
              "moving_average", average,
              "adjusted_reward", batch.unclipped(),
              "adjusted_after_final_clamp", batch.rewards()));
    }
    return Map.of("per_batch", batches);
  }

  private static Map<String, Object> parsing(VectorCase vector, NDManager manager) {
    List<Double> values = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (JsonNode answer : vector.inputs().get("texts")) {
      Confidence confidence =
          Confidence.parse(answer.asText(), vector.param("default_when_missing"));
      values.add(confidence.value());
      texts.add(confidence.text());
    }
    return Map.of("confidence_0_1", values, "text_for_reward_model", texts);
  }

  private static Map<String, Object> metrics(VectorCase vector, NDManager manager) {
    double[] confidence = vector.vector("confidence");
    double[] correct = vector.vector("correct");
    boolean[] isCorrect = new boolean[correct.length];
    for (int i = 0; i < correct.length; i++) {
      isCorrect[i] = correct[i] == 1;
    }
    CalibrationMetrics metrics = CalibrationMetrics.of(confidence, isCorrect);
    return Map.of(
        "ece",
            CalibrationMetrics.expectedCalibrationError(
                confidence, isCorrect, (int) vector.param("bins")),
        "auroc", metrics.auroc(),
        "accuracy", metrics.accuracy(),
        "brier", metrics.brier());
  }

  private static double[] doubles(JsonNode node) {
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = node.get(i).asDouble();
    }
    return values;
  }
}
