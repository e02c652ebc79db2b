package dev.troupe.actors.stage;

import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code reward-model.json} beside the weights of a reward model: what its scores mean. The mean of
 * a Bradley-Terry reward is arbitrary, so whoever learns from scores may want them in units of
 * their deviation on completions that the model was not trained on.
 *
 * @param scores name of each output of the head
 * @param isSquashed whether outputs become scores by the logistic function
 * @param mean of each score on those completions
 * @param deviation of each score on them
 * @param completions how many there were
 * @param measures how well scores and graded rewards agreed on them, by name
 */
record RewardModelCard(
    List<String> scores,
    boolean isSquashed,
    List<Double> mean,
    List<Double> deviation,
    int completions,
    Map<String, Double> measures) {
  static final String FILE = "reward-model.json";

  /** The scores that a head's outputs stand for. */
  double[] scoresOf(float[] outputs) {
    return scoresOf(outputs, isSquashed);
  }

  static double[] scoresOf(float[] outputs, boolean isSquashed) {
    double[] scores = new double[outputs.length];
    for (int k = 0; k < scores.length; k++) {
      scores[k] = isSquashed ? 1 / (1 + Math.exp(-outputs[k])) : outputs[k];
    }
    return scores;
  }

  /** Scores less their mean, in units of their deviation; one that never varies is only centred. */
  double[] normalised(double[] raw) {
    double[] normalised = new double[raw.length];
    for (int k = 0; k < raw.length; k++) {
      double unit = deviation.get(k) > 0 ? deviation.get(k) : 1;
      normalised[k] = (raw[k] - mean.get(k)) / unit;
    }
    return normalised;
  }

  void write(Path directory) {
    CheckpointJson.write(directory.resolve(FILE), this);
  }

  static RewardModelCard read(Path directory) {
    return CheckpointJson.read(directory.resolve(FILE), new TypeReference<>() {});
  }
}
