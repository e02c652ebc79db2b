package dev.troupe.actors.chaos;

import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutArchive.Judgement;
import dev.troupe.runtime.rollout.RolloutRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a disturbed run left, against what an undisturbed one left. */
final class Comparison {
  private final Path expected;
  private final Path found;
  private final List<String> differences = new ArrayList<>();

  private Comparison(Path expected, Path found) {
    this.expected = expected;
    this.found = found;
  }

  /**
   * Compares the weights that every stage ended with, what every step measured (times aside), what
   * was measured on held-out prompts, and which completions were trained on with which rewards.
   *
   * @return one sentence a difference; none if the two are the same to the bit
   */
  static List<String> differences(Path expected, Path found) throws IOException {
    var comparison = new Comparison(expected, found);
    comparison.compareWeights();
    comparison.compareSteps();
    comparison.compareEvaluations();
    comparison.compareRollouts();
    return comparison.differences;
  }

  private void compareWeights() throws IOException {
    Map<String, String> before = weights(expected);
    Map<String, String> after = weights(found);
    before.forEach(
        (stage, digest) -> {
          if (!digest.equals(after.get(stage))) {
            differences.add(
                "stage %s ended with weights %s, not %s"
                    .formatted(stage, after.get(stage), digest));
          }
        });
  }

  /** Digest of the last weights of each stage. */
  private static Map<String, String> weights(Path run) throws IOException {
    var digests = new TreeMap<String, String>();
    List<Path> stages;
    try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
      stages = all.filter(Files::isDirectory).sorted().toList();
    }
    for (Path stage : stages) {
      Optional<Path> last = last(stage);
      if (last.isPresent() && Files.exists(last.get().resolve("config.json"))) {
        digests.put(
            stage.getFileName().toString(),
            WeightsDigest.of(HuggingFaceDirectory.load(last.get()).tensors().values()));
      }
    }
    return digests;
  }

  private static Optional<Path> last(Path stage) throws IOException {
    try (Stream<Path> all = Files.list(stage)) {
      return all.filter(path -> path.getFileName().toString().matches("step-\\d+"))
          .max(
              Comparator.comparingLong(
                  path -> Long.parseLong(path.getFileName().toString().substring(5))));
    }
  }

  private void compareSteps() {
    List<StepMetrics> before = MetricsLog.read(expected.resolve("metrics.jsonl"));
    List<StepMetrics> after = MetricsLog.read(found.resolve("metrics.jsonl"));
    if (before.size() != after.size()) {
      differences.add("%d steps were recorded, not %d".formatted(after.size(), before.size()));
    }
    for (int i = 0; i < Math.min(before.size(), after.size()); i++) {
      String expectedStep = lasting(before.get(i));
      String foundStep = lasting(after.get(i));
      if (!expectedStep.equals(foundStep)) {
        differences.add("record %d is %s, not %s".formatted(i + 1, foundStep, expectedStep));
        return; // What follows from a difference says nothing new.
      }
    }
  }

  /** What a step measured, without what depends on the machine and on how it came to be. */
  private static String lasting(StepMetrics step) {
    var values = new LinkedHashMap<String, Double>();
    step.values()
        .forEach(
            (name, value) -> {
              if (!name.startsWith("time/")
                  && !name.startsWith("ledger/")
                  && !name.endsWith("-per-second")) {
                values.put(name, value);
              }
            });
    return "%s %d %s".formatted(step.stage(), step.step(), values);
  }

  private void compareEvaluations() throws IOException {
    Map<String, String> before = evaluations(expected);
    Map<String, String> after = evaluations(found);
    before.forEach(
        (stage, content) -> {
          if (!content.equals(after.get(stage))) {
            differences.add("the evaluation of stage " + stage + " is another one");
          }
        });
  }

  private static Map<String, String> evaluations(Path run) throws IOException {
    var contents = new TreeMap<String, String>();
    Path directory = run.resolve("evaluations");
    if (!Files.isDirectory(directory)) {
      return contents;
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.sorted().toList();
    }
    for (Path file : files) {
      contents.put(file.getFileName().toString(), Files.readString(file));
    }
    return contents;
  }

  private void compareRollouts() {
    Map<RolloutRow.Place, Judgement> before = rollouts(expected);
    Map<RolloutRow.Place, Judgement> after = rollouts(found);
    if (!before.keySet().equals(after.keySet())) {
      differences.add(
          "%d completions are recorded of which %d are those of the undisturbed run, which has %d"
              .formatted(
                  after.size(),
                  after.keySet().stream().filter(before::containsKey).count(),
                  before.size()));
    }
    before.forEach(
        (place, judgement) -> {
          if (after.containsKey(place) && !judgement.equals(after.get(place))) {
            differences.add("%s is %s, not %s".formatted(place, after.get(place), judgement));
          }
        });
  }

  private Map<RolloutRow.Place, Judgement> rollouts(Path run) {
    var rollouts = new HashMap<RolloutRow.Place, Judgement>();
    try (RolloutArchive archive = RolloutArchive.open(run)) {
      for (Judgement judgement : archive.judgements()) {
        if (rollouts.put(judgement.place(), judgement) != null) {
          differences.add("%s is recorded twice in %s".formatted(judgement.place(), run));
        }
      }
    }
    return rollouts;
  }
}
