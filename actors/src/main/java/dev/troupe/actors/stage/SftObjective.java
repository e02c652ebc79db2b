package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.sft.SftLoss;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Supervised fine-tuning: cross-entropy of the answers, a mean over the tokens of the batch. */
final class SftObjective implements Objective {
  private final Demonstrations demonstrations;

  SftObjective(Demonstrations demonstrations) {
    this.demonstrations = demonstrations;
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    // Read: the next examples of the shuffled order.
    List<TrainingSequence> sequences = demonstrations.read(step);

    // Weigh: every answer token of the batch alike.
    int[] lengths = sequences.stream().mapToInt(TrainingSequence::responseLength).toArray();
    List<float[]> weights = Arrays.asList(Aggregation.TOKEN_MEAN.weights(lengths, 0));

    // Train.
    var reports = new StepReports();
    reports.add(
        trainer.step(
            sequences,
            Selection.RESPONSE,
            1,
            micro -> {
              NDArray weightBT = micro.rows(weights);
              return SftLoss.loss(micro.logpBT(), weightBT);
            }));

    var metrics = new LinkedHashMap<String, Double>();
    reports.into(metrics);
    long tokens = 0;
    for (int length : lengths) {
      tokens += length;
    }
    metrics.put(Metric.TOKENS_TRAINED.name(), (double) tokens);
    return metrics;
  }
}
