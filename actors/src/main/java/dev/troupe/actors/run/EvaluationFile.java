package dev.troupe.actors.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.RecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * What one evaluation found, prompt by prompt, so that evaluations can be paired later and a
 * resumed run need not measure again.
 *
 * @param stage the stage after which the model was measured
 * @param measures what the run's reward can be measured by
 * @param examples index of each held-out prompt with a scored completion
 * @param correct share of its scored completions with full marks
 * @param rewards mean total reward of its scored completions
 * @param trials completions that were scored
 * @param failures completions that could not be scored
 * @param samples some completions to read
 * @param details what was seen beside
 * @param bestOf the best of several completions, one entry a number of them
 */
record EvaluationFile(
    String stage,
    Quantity measures,
    List<Integer> examples,
    List<Double> correct,
    List<Double> rewards,
    int trials,
    int failures,
    List<Sample> samples,
    EvaluationDetails details,
    List<BestOfCompletions> bestOf) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** One completion, with what it answers. */
  record Sample(int example, String prompt, String expected, String completion, double reward) {}

  /** Copies the lists and refuses a file that does not say what was measured. */
  EvaluationFile {
    Objects.requireNonNull(measures, "measures");
    examples = List.copyOf(examples);
    correct = List.copyOf(correct);
    rewards = List.copyOf(rewards);
    samples = List.copyOf(samples);
    details = details == null ? EvaluationDetails.NONE : details;
    bestOf = bestOf == null ? List.of() : List.copyOf(bestOf);
  }

  /**
   * Averages the completions of each prompt; those that could not be scored count as failures only.
   *
   * @param fullMark total reward from which a completion counts as right
   */
  static EvaluationFile of(
      String stage,
      Quantity measures,
      double fullMark,
      List<GroupFacts> groups,
      List<Sample> samples) {
    var examples = new ArrayList<Integer>();
    var correct = new ArrayList<Double>();
    var rewards = new ArrayList<Double>();
    int trials = 0;
    int failures = 0;
    for (GroupFacts group : groups) {
      List<Double> scored = group.rewards().stream().filter(reward -> !reward.isNaN()).toList();
      trials += scored.size();
      failures += group.rewards().size() - scored.size();
      if (!scored.isEmpty()) {
        examples.add(group.example());
        correct.add(mean(scored.stream().mapToDouble(reward -> reward >= fullMark ? 1 : 0)));
        rewards.add(mean(scored.stream().mapToDouble(Double::doubleValue)));
      }
    }
    return new EvaluationFile(
        stage,
        measures,
        examples,
        correct,
        rewards,
        trials,
        failures,
        samples,
        EvaluationDetails.NONE,
        List.of());
  }

  /** The same with what was seen beside. */
  EvaluationFile with(EvaluationDetails seen, List<BestOfCompletions> best) {
    return new EvaluationFile(
        stage, measures, examples, correct, rewards, trials, failures, samples, seen, best);
  }

  private static double mean(DoubleStream values) {
    return values.average().orElseThrow();
  }

  /** What was measured of each prompt, in the order of the examples. */
  List<Double> scores() {
    return measures.isShare() ? correct : rewards;
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
