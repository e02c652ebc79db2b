package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.dpo.DpoLoss;
import dev.troupe.algorithms.dpo.DpoSettings;
import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.algorithms.preference.SequenceLogp;
import dev.troupe.algorithms.reward.PairSelection;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Direct preference optimization on pairs that the frozen starting policy sampled: of each group
 * the best completion is preferred to the worst one. A group without a difference gives no pair.
 */
final class DpoObjective implements Objective {
  private final DpoSettings settings;
  private final double temperature;

  DpoObjective(DpoSettings settings, double temperature) {
    this.settings = settings;
    this.temperature = temperature;
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    // Pair: rows 2i and 2i + 1 are the preferred and the rejected completion of pair i.
    var sequences = new ArrayList<TrainingSequence>();
    var reference = new ArrayList<float[]>();
    long tokens = 0;
    for (ScoredGroup group : groups) {
      for (PairSelection.Pair pair : PairSelection.BEST_WORST.of(GroupFacts.rewards(group))) {
        for (int row : new int[] {pair.chosen(), pair.rejected()}) {
          Rollout rollout = group.group().rollouts().get(row);
          sequences.add(Sequences.of(group.group(), rollout));
          reference.add(group.reference().reference().get(row));
          tokens += rollout.length();
        }
      }
    }
    int pairs = sequences.size() / 2;

    // Train, unless the step has no pair.
    var reports = new StepReports();
    var preferences = new PreferenceMetrics[] {PreferenceMetrics.NONE};
    if (pairs > 0) {
      reports.add(
          trainer.step(
              sequences,
              Selection.RESPONSE,
              temperature,
              micro -> loss(micro, reference, pairs, preferences)));
    }

    var metrics = new LinkedHashMap<String, Double>();
    reports.into(metrics);
    metrics.putAll(RewardMetrics.of(groups));
    metrics.put("preference/pairs", (double) pairs);
    if (pairs > 0) {
      metrics.put(Metric.PREFERENCE_ACCURACY.name(), preferences[0].accuracy());
      metrics.put(Metric.PREFERENCE_MARGIN.name(), preferences[0].meanMargin());
    }
    metrics.put(Metric.TOKENS_TRAINED.name(), (double) tokens);
    return metrics;
  }

  private NDArray loss(
      MicroBatch micro, List<float[]> reference, int pairs, PreferenceMetrics[] preferences) {
    NDArray logpB = SequenceLogp.sum(micro.logpBT(), micro.maskBT());
    NDArray refB = SequenceLogp.sum(micro.rows(reference), micro.maskBT());
    NDArray chosenP = SequenceLogp.chosen(logpB);
    NDArray rejectedP = SequenceLogp.rejected(logpB);
    NDArray refChosenP = SequenceLogp.chosen(refB);
    NDArray refRejectedP = SequenceLogp.rejected(refB);
    preferences[0] =
        preferences[0].and(
            PreferenceMetrics.of(
                DpoLoss.implicitReward(chosenP, refChosenP, settings.beta()),
                DpoLoss.implicitReward(rejectedP, refRejectedP, settings.beta())));
    return DpoLoss.loss(chosenP, rejectedP, refChosenP, refRejectedP, settings, pairs);
  }
}
