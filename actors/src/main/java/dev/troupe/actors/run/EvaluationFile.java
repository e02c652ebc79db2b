package dev.troupe.actors.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.troupe.runtime.record.RecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * What one evaluation found, prompt by prompt, so that evaluations can be paired later and a
 * resumed run need not measure again.
 *
 * @param stage the stage after which the model was measured
 * @param examples index of each held-out prompt
 * @param correct share of its completions that were right; scored ones only
 * @param rewards mean total reward of its scored completions
 * @param successes completions that were right
 * @param trials completions that were scored
 * @param failures completions that could not be scored
 * @param samples some completions to read
 */
record EvaluationFile(
    String stage,
    List<Integer> examples,
    List<Double> correct,
    List<Double> rewards,
    int successes,
    int trials,
    int failures,
    List<Sample> samples) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** One completion, with what it answers. */
  record Sample(int example, String prompt, String expected, String completion, double reward) {}

  /** Mean total reward over the prompts with a score; NaN without any. */
  double meanReward() {
    return rewards.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  static Path at(Path directory, String stage) {
    return directory.resolve("evaluations").resolve(stage + ".json");
  }

  void write(Path directory) {
    Path file = at(directory, stage);
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.createDirectories(file.getParent());
      JSON.writeValue(draft.toFile(), this);
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new RecordException("cannot write " + file + ": " + e + "; check its disk", e);
    }
  }

  static Optional<EvaluationFile> read(Path directory, String stage) {
    Path file = at(directory, stage);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), EvaluationFile.class));
    } catch (JsonProcessingException e) {
      throw new RecordException(
          file + " is not a record of an evaluation; remove it to measure again", e);
    } catch (IOException e) {
      throw new RecordException("cannot read " + file + ": " + e, e);
    }
  }
}
