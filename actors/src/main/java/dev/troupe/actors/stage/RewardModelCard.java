package dev.troupe.actors.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.troupe.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
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

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

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
    Path file = directory.resolve(FILE);
    try {
      JSON.writeValue(file.toFile(), this);
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e, e);
    }
  }

  static RewardModelCard read(Path directory) {
    Path file = directory.resolve(FILE);
    try {
      return JSON.readValue(Files.readAllBytes(file), RewardModelCard.class);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file + " does not describe a reward model of this program; remove the checkpoint", e);
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e, e);
    }
  }
}
