package dev.troupe.runtime.record;

import dev.troupe.runtime.record.RunSummary.Answer;
import dev.troupe.runtime.record.RunSummary.Comparison;
import dev.troupe.runtime.record.RunSummary.RunFile;
import dev.troupe.runtime.record.RunSummary.Sample;
import dev.troupe.runtime.record.RunSummary.Status;
import dev.troupe.runtime.statistics.Interval;
import dev.troupe.runtime.statistics.PairedDifference;
import dev.troupe.runtime.statistics.Proportion;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** An invented run with the shape of a real one; {@link #main} writes its reports to look at. */
public final class SampleRun {
  private SampleRun() {}

  /** Writes both reports into the directory named by the first argument. */
  public static void main(String[] arguments) {
    RunReport.write(Path.of(arguments[0], "verifiable.html"), summary());
    RunReport.write(Path.of(arguments[0], "graded.html"), graded());
  }

  /** The same run with a graded reward, and a soup in between. */
  static RunSummary graded() {
    RunSummary run = summary();
    return new RunSummary(
        "stories",
        run.status(),
        run.note(),
        "./troupe run cluster-config/recipes/stories.conf",
        run.device(),
        run.threads(),
        "runs/stories",
        run.startedAt(),
        run.seconds(),
        List.of(warmUp(), soup(), grpo()),
        List.of(
            graded("before training", 0.155, -0.021, 0.334),
            graded("after soup", 0.281, 0.119, 0.442),
            graded("after grpo", 0.695, 0.571, 0.793)),
        List.of(
            new Comparison(
                "held-out",
                Quantity.MEAN_REWARD,
                new PairedDifference(0.540, new Interval(0.409, 0.671), 16))),
        run.samples(),
        run.files());
  }

  private static Evaluation graded(String moment, double value, double low, double high) {
    var measure = new Measure(Quantity.MEAN_REWARD, value, new Interval(low, high), 16);
    return new Evaluation("held-out", moment, measure);
  }

  private static StageRecord soup() {
    Metric distance = Metric.named("soup/distance");
    var step = new StepMetrics("soup", 1, 1, 0.8, Map.of("soup/distance", 1.55));
    return new StageRecord("soup", "soup", distance, 0.8, List.of(step));
  }

  private static Evaluation accuracy(String moment, int right) {
    return new Evaluation("held-out", moment, Measure.accuracy(new Proportion(right, 250)));
  }

  static RunSummary summary() {
    return new RunSummary(
        "arithmetic",
        Status.FINISHED,
        "",
        "./troupe run cluster-config/recipes/arithmetic.conf --set grpo.steps=300",
        "cpu",
        2,
        "runs/arithmetic",
        Instant.parse("2026-09-23T13:05:00Z"),
        754,
        List.of(warmUp(), grpo()),
        List.of(accuracy("before", 30), accuracy("after warm-up", 78), accuracy("after grpo", 187)),
        List.of(
            new Comparison(
                "held-out",
                Quantity.ACCURACY,
                new PairedDifference(0.628, new Interval(0.564, 0.688), 250))),
        samples(),
        List.of(
            new RunFile("checkpoints/step-300", "the trained model, Hugging Face layout"),
            new RunFile("metrics.jsonl", "every number of every step"),
            new RunFile("tensorboard/", "the same for TensorBoard: tensorboard --logdir"),
            new RunFile("ledger/", "every completion with its rewards"),
            new RunFile("run.conf", "the settings of this run with their origins")));
  }

  private static StageRecord warmUp() {
    var random = new SplittableRandom(1);
    List<StepMetrics> steps = new ArrayList<>();
    for (int step = 1; step <= 120; step++) {
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("loss", 0.4 + 2.2 * Math.exp(-step / 25.0) + 0.12 * noise(random));
      values.put("gradient-norm", 0.6 + 2 * Math.exp(-step / 12.0) + 0.2 * random.nextDouble());
      values.put("learning-rate", 3e-4 * Math.min(1, step / 20.0));
      steps.add(new StepMetrics("warm-up", step, 120, step * 0.55, values));
    }
    return new StageRecord("warm-up", "supervised", Metric.LOSS, 66, steps);
  }

  private static StageRecord grpo() {
    var random = new SplittableRandom(2);
    List<StepMetrics> steps = new ArrayList<>();
    for (int step = 1; step <= 300; step++) {
      double learned = 1 / (1 + Math.exp(-(step - 110) / 40.0));
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("reward/mean", 0.22 + 0.6 * learned + 0.07 * noise(random));
      values.put("reward/std", 0.45 - 0.15 * learned + 0.02 * noise(random));
      values.put("kl/reference", 0.045 * learned * (1 + 0.15 * noise(random)));
      values.put("entropy", 1.1 - 0.6 * learned + 0.04 * noise(random));
      values.put("length/mean", 14 + 9 * learned + 1.2 * noise(random));
      values.put("loss", 0.02 * noise(random));
      values.put("ratio/clipped", 0.01 + 0.01 * random.nextDouble());
      values.put("gradient-norm", 0.9 + 0.3 * random.nextDouble());
      values.put("learning-rate", 1e-5);
      values.put("tokens/generated", Math.rint(64 * (14 + 9 * learned)));
      values.put("time/generate-seconds", 1.4 + 0.1 * random.nextDouble());
      values.put("time/train-seconds", 0.8 + 0.05 * random.nextDouble());
      values.put("reward/format.bonus", 0.1 * learned);
      steps.add(new StepMetrics("grpo", step, 300, step * 2.29, values));
    }
    return new StageRecord("grpo", "grpo", Metric.REWARD_MEAN, 688, steps);
  }

  private static List<Sample> samples() {
    return List.of(
        new Sample(
            "Q: What is 17 + 26?\nA:",
            Optional.of("43"),
            Optional.of(new Answer(" 17 + 26 = 17 + 26 = 17 + 26 = 17", 0)),
            new Answer(" 17 + 26 = 43. The answer is 43.", 1.1)),
        new Sample(
            "Q: What is 9 * 8?\nA:",
            Optional.of("72"),
            Optional.of(new Answer("", 0)),
            new Answer(" 9 * 8 = 72. The answer is 72.", 1.1)),
        new Sample(
            "Q: Is 3 < 5 & 5 > 4? <script>alert(\"no\")</script>\nA:",
            Optional.empty(),
            Optional.empty(),
            new Answer(
                " Yes, because 3 is less than 5 and 5 is greater than 4, so both hold. ".repeat(9),
                0.25)));
  }

  private static double noise(SplittableRandom random) {
    return random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
  }
}
