package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.dpo.DpoLoss;
import dev.troupe.algorithms.dpo.DpoSettings;
import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.algorithms.preference.SequenceLogp;
import dev.troupe.runtime.settings.DpoStage;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import java.util.List;
import java.util.Map;

/**
 * Direct preference optimization: a wider margin, over the reference, between the two of a pair.
 */
final class DpoObjective implements Objective {
  private final DpoSettings settings;
  private final double temperature;
  private List<Credit> credits = List.of();

  DpoObjective(DpoSettings settings, double temperature) {
    this.settings = settings;
    this.temperature = temperature;
  }

  static PreferenceKind.Method method(DpoStage stage, Workbench bench) {
    return new PreferenceKind.Method(
        new DpoObjective(
            new DpoSettings(stage.beta(), stage.labelSmoothing()), stage.sampling().temperature()),
        Pairs.ROWS,
        Anchors.reference(stage.reference()));
  }

  @Override
  public List<Credit> credits() {
    return credits;
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    Pairs pairs = Pairs.of(groups);
    var measures = new PreferenceMeasures();
    var read = new ReadTokens(pairs.sequences());
    if (!pairs.isEmpty()) {
      measures.add(
          trainer.step(
              pairs.sequences(),
              Selection.RESPONSE,
              temperature,
              read.over(micro -> loss(micro, pairs))));
    }
    credits = pairs.credits(read, settings.beta());
    return measures.metrics(groups, pairs.sequences());
  }

  private NDArray loss(MicroBatch micro, Pairs pairs) {
    NDArray logpB = SequenceLogp.sum(micro.logpBT(), micro.maskBT());
    NDArray refB = SequenceLogp.sum(micro.rows(pairs.reference()), micro.maskBT());
    NDArray chosenP = SequenceLogp.chosen(logpB);
    NDArray rejectedP = SequenceLogp.rejected(logpB);
    NDArray refChosenP = SequenceLogp.chosen(refB);
    NDArray refRejectedP = SequenceLogp.rejected(refB);
    PreferenceMeasures.PAIRS.keep(
        micro.tally(),
        PreferenceMetrics.of(
            DpoLoss.implicitReward(chosenP, refChosenP, settings.beta()),
            DpoLoss.implicitReward(rejectedP, refRejectedP, settings.beta())));
    return DpoLoss.loss(chosenP, rejectedP, refChosenP, refRejectedP, settings, pairs.count());
  }
}
