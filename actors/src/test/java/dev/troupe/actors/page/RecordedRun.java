package dev.troupe.actors.page;

import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.rollout.RolloutLog;
import dev.troupe.runtime.rollout.RolloutRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An invented run directory that grows while it is shown. */
final class RecordedRun implements AutoCloseable {
  static final String STAGE = "grpo";

  private static final String CONF =
      """
      name = invented
      directory = "%s"
      task { kind = sort-digits, digits = 3, held-out = 100 }
      reward = [ { kind = exact-match, weight = 1 } ]
      model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 32, context = 16 }
      tokenizer { kind = characters, alphabet = "0123456789>" }
      optimizer { learning-rate = 1e-2 }
      sampling { max-tokens = 4 }
      stages = [
        { name = sft-a, kind = sft, from = model, steps = 2, batch = 4, data-seed = 1 }
        { name = sft-b, kind = sft, from = model, steps = 2, batch = 4, data-seed = 2 }
        { name = soup, kind = soup, of = [sft-a, sft-b], weights = [0.25, 0.75] }
        {
          name = grpo, kind = grpo, from = sft-a, steps = 20000, prompts = 2, group-size = 2
          reference = soup, reference-update { kind = soup, every = 100, rate = 0.2 }
        }
      ]
      """;

  private static final String EVALUATION =
      """
      {
        "stage": "%s", "measures": "accuracy", "examples": [0, 1], "correct": [0.0, 1.0],
        "rewards": [0.0, 1.0], "trials": 2, "failures": 0,
        "samples": [
          {"example": 0, "prompt": "321>", "expected": "123", "completion": "%s", "reward": 0.0},
          {"example": 1, "prompt": "<b>405</b>>", "expected": "045", "completion": "045", "reward": 1.0}
        ]
      }
      """;

  private final Path directory;
  private final MetricsLog log;
  private long steps;

  RecordedRun(Path directory) throws IOException {
    this.directory = directory;
    Files.writeString(directory.resolve("run.conf"), CONF.formatted(directory));
    log = MetricsLog.open(directory.resolve("metrics.jsonl"));
  }

  Path directory() {
    return directory;
  }

  void warmUp() {
    for (String stage : new String[] {"sft-a", "sft-b"}) {
      for (int step = 1; step <= 2; step++) {
        log.append(new StepMetrics(stage, step, 2, step, Map.of("loss", 2.0 / step)));
      }
    }
    log.append(
        new StepMetrics(
            "soup", 1, 1, 0.1, Map.of("soup/distance", 1.56, "time/train-seconds", 0.1)));
  }

  /** Adds steps with as many metrics as a real one has. */
  void train(int count) {
    for (int i = 0; i < count; i++) {
      steps++;
      log.append(new StepMetrics(STAGE, steps, 20_000, 1.5 * steps, values(steps)));
    }
  }

  private static Map<String, Double> values(long step) {
    double wave = Math.sin(step * 0.7) * 0.05 + Math.sin(step * 12.9898) * 0.04;
    double course = 1 - Math.exp(-step / 3000.0);
    var values = new LinkedHashMap<String, Double>();
    values.put("reward/mean", 0.1 + 0.8 * course + wave);
    values.put("reward/std", 0.4 - 0.2 * course + wave / 2);
    values.put("reward/component/exact-match", 0.8 * course + wave);
    values.put("reward/component/length", 0.1 + wave / 3);
    values.put("groups/uniform", 0.3 + wave);
    values.put("length/mean", 40 + 20 * course + 30 * wave);
    values.put("length/max", 80 + 20 * course + 30 * wave);
    values.put("length/cut", 0.1 + wave);
    values.put("loss", 0.02 + wave / 5);
    values.put("entropy", 1.2 - 0.8 * course + wave);
    values.put("gradient-norm", 1 + wave);
    values.put("learning-rate", 1e-5);
    values.put("ratio/clipped", 0.1 + wave);
    values.put("ratio/mean", 1 + wave / 100);
    values.put("kl/behaviour", 0.002 + wave / 100);
    values.put("kl/reference", 0.2 * course + wave / 4 + 0.03);
    values.put("mismatch/mean", 1e-6 * (1 + wave));
    values.put("mismatch/max", 1e-5 * (1 + wave));
    values.put("tokens/generated", 10_000.0);
    values.put("tokens/trained", 10_000.0);
    values.put("time/generate-seconds", 0.5 + wave);
    values.put("time/score-seconds", 0.1);
    values.put("time/reference-seconds", 0.2 + wave / 2);
    values.put("time/train-seconds", 0.6 + wave);
    values.put("time/step-seconds", 1.5 + wave);
    return values;
  }

  /** The run is resumed from an earlier step. */
  void goBackTo(long step) {
    log.truncateAfter(STAGE, step);
    steps = step;
  }

  /** Records the rollouts of a step: two prompts of four completions. */
  void record(long step) {
    var rows = new ArrayList<RolloutRow>();
    for (int i = 0; i < 8; i++) {
      rows.add(rollout(step, i));
    }
    try (var rollouts = new RolloutLog(directory, 0, Map.of())) {
      rollouts.add(STAGE, step, 100, () -> rows);
      rollouts.flush();
    }
  }

  private static RolloutRow rollout(long step, int i) {
    float sign = i % 2 == 0 ? 1 : -1;
    String text = "Let us sort: 12 and more words that go on for a while.";
    int[] ends = {3, 6, 12, 15, 19, text.length(), text.length()};
    float[] advantages = new float[ends.length];
    float[] rewards = new float[ends.length];
    float[] logps = new float[ends.length];
    for (int t = 0; t < ends.length; t++) {
      advantages[t] = sign * (t == 1 ? 2 : 0.3f * t) / (1 + i / 4);
      rewards[t] = t == ends.length - 1 ? 1 : 0.02f * sign * t;
      logps[t] = -0.3f * t;
    }
    return new RolloutRow(
        new RolloutRow.Place(
            STAGE, RolloutRow.Purpose.TRAINING, step, STAGE + "/" + (2 * step + i / 4), i % 4),
        new RolloutRow.Prompt("e", "<b>21</b>>", new int[] {1}, "12", "0".repeat(64)),
        new RolloutRow.Sampled(
            new int[ends.length], text, ends, "stop-token", logps, "generator-1", "unit", 1, i),
        new RolloutRow.Judged(
            i % 2 == 0 ? 1.0 : 0.0,
            null,
            List.of(new RolloutRow.Component("exact-match", i % 2 == 0 ? 1 : 0, 1, "ExactMatch@0")),
            null),
        new RolloutRow.Credit(1, 1.0, logps, logps, rewards, advantages, null, null),
        new RolloutRow.Models("a".repeat(64), 0, step, "b".repeat(64), null, null, null));
  }

  void evaluate(String stage, String completion) throws IOException {
    Path file = directory.resolve("evaluations").resolve(stage + ".json");
    Files.createDirectories(file.getParent());
    Files.writeString(file, EVALUATION.formatted(stage, completion));
  }

  @Override
  public void close() {
    log.close();
  }
}
