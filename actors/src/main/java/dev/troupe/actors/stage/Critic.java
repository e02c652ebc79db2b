package dev.troupe.actors.stage;

import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.ppo.ValueLoss;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.CriticSettings;
import dev.troupe.runtime.training.PendingStep;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.StepReport;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainerSettings;
import dev.troupe.runtime.training.TrainingSequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The critic of PPO: a decoder with one score, which says before each token what reward is still to
 * come. It has weights and an optimizer of its own.
 */
final class Critic implements Memory {
  private static final String WEIGHTS = "critic.safetensors";
  private static final String OPTIMIZER = "critic-optimizer.safetensors";
  private static final String STATE = "critic.json";
  private static final String STEPS = "optimizer-steps";
  private static final double LEAST_VARIANCE = 1e-12;

  private final CriticSettings settings;
  private final TrainerSettings training;
  private final int miniBatches;
  private final Workbench bench;
  private Trainer trainer;

  /**
   * @param training how its weights are moved
   * @param miniBatches optimizer steps of one pass
   */
  Critic(CriticSettings settings, TrainerSettings training, int miniBatches, Workbench bench) {
    this.settings = settings;
    this.training = training;
    this.miniBatches = miniBatches;
    this.bench = bench;
  }

  @Override
  public void open() {
    try (DecoderWeights start = bench.result(settings.from())) {
      if (start.config().scores() == 1) {
        trainer = bench.trainer(start, training);
      } else {
        // A head of zeros expects nothing at first, which is what a fresh critic knows.
        try (DecoderWeights headed = start.withScores(1)) {
          trainer = bench.trainer(headed, training);
        }
      }
    }
  }

  /** Whether the policy rests while the critic learns. */
  boolean isWarmingUp(long step) {
    return step < settings.warmUpSteps();
  }

  /** What it says before each token of the completions. */
  List<float[]> values(List<TrainingSequence> sequences) {
    var rows = new ArrayList<float[]>(sequences.size());
    for (float[][] scores : trainer.values(sequences)) {
      float[] row = new float[scores.length];
      for (int t = 0; t < row.length; t++) {
        row[t] = scores[t][0];
      }
      rows.add(row);
    }
    return rows;
  }

  /** Whether its gradient is clipped together with the policy's, which takes steps of both. */
  boolean isClippedJointly() {
    return settings.gradientClip() == CriticSettings.GradientClip.JOINT;
  }

  /** Learns from what came of a step, by itself. */
  void learn(StepBatch step, Map<String, Double> metrics) {
    var reports = new ArrayList<StepReport>();
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      for (int part = 0; part < miniBatches; part++) {
        StepBatch batch = step.part(part, miniBatches);
        if (!batch.isEmpty()) {
          try (PendingStep own = prepare(batch)) {
            reports.add(own.apply());
          }
        }
      }
    }
    measure(step, reports, metrics);
  }

  /** The gradient of one optimizer step. */
  PendingStep prepare(StepBatch batch) {
    var loss = new ValueLoss(settings.valueClip());
    List<float[]> weights = Arrays.asList(Aggregation.TOKEN_MEAN.weights(batch.lengths(), 0));
    return trainer.prepare(
        batch.sequences(),
        Selection.VALUES,
        1,
        micro ->
            loss.loss(
                micro.scoresBTC().get(":, :, 0"),
                micro.rows(batch.values()),
                micro.rows(batch.returns()),
                micro.rows(weights)));
  }

  /**
   * Says how it learnt.
   *
   * @param reports its optimizer steps within the step
   */
  void measure(StepBatch step, List<StepReport> reports, Map<String, Double> metrics) {
    int steps = Math.max(reports.size(), 1);
    double loss = 0;
    double norm = 0;
    for (StepReport report : reports) {
      loss += report.loss();
      norm += report.gradientNorm();
    }
    metrics.put(Metric.LOSS_VALUE.name(), loss / steps);
    metrics.put("critic/gradient-norm", norm / steps);
    metrics.put("critic/explained", explained(step));
  }

  /** Share of the variance of the returns that the values explain; 1 is perfect, 0 useless. */
  private static double explained(StepBatch step) {
    double count = 0;
    double sum = 0;
    double squares = 0;
    double errors = 0;
    for (int i = 0; i < step.returns().size(); i++) {
      float[] returns = step.returns().get(i);
      float[] values = step.values().get(i);
      for (int t = 0; t < returns.length; t++) {
        count++;
        sum += returns[t];
        squares += (double) returns[t] * returns[t];
        errors += ((double) returns[t] - values[t]) * ((double) returns[t] - values[t]);
      }
    }
    double variance = squares / count - sum / count * (sum / count);
    return variance > LEAST_VARIANCE ? 1 - errors / count / variance : 0;
  }

  @Override
  public Consumer<Path> snapshot() {
    List<HostTensor> weights = trainer.current().toHost();
    List<HostTensor> moments = trainer.optimizer().toHost();
    Consumer<Path> state = Numbers.file(STATE, Map.of(STEPS, (double) trainer.steps()));
    return directory -> {
      Safetensors.write(directory.resolve(WEIGHTS), weights, Map.of());
      Safetensors.write(directory.resolve(OPTIMIZER), moments, Map.of());
      state.accept(directory);
    };
  }

  @Override
  public void assist() {
    trainer.assist();
  }

  @Override
  public void read(Path directory) {
    try (DecoderWeights weights =
        DecoderWeights.of(
            bench.accelerator(),
            trainer.current().config(),
            Safetensors.read(directory.resolve(WEIGHTS)))) {
      trainer.restore(weights);
    }
    trainer
        .optimizer()
        .restore(
            Safetensors.read(directory.resolve(OPTIMIZER)),
            Numbers.read(directory.resolve(STATE)).get(STEPS).longValue());
  }

  @Override
  public void close() {
    if (trainer != null) {
      trainer.close();
      trainer = null;
    }
  }
}
