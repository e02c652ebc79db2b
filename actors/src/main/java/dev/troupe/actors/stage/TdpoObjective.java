package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.algorithms.preference.SequenceLogp;
import dev.troupe.algorithms.tdpo.TdpoLoss;
import dev.troupe.algorithms.tdpo.TdpoSettings;
import dev.troupe.algorithms.tdpo.TdpoVariant;
import dev.troupe.runtime.settings.TdpoStage;
import dev.troupe.runtime.training.Divergence;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import java.util.List;
import java.util.Map;

/**
 * Token-level direct preference optimization: DPO's margin, less what the policy departs from the
 * reference on rejected completions more than on chosen ones, position by position.
 */
final class TdpoObjective implements Objective {
  private final TdpoSettings settings;
  private final double temperature;
  private final FrozenModel reference;

  TdpoObjective(TdpoSettings settings, double temperature, FrozenModel reference) {
    this.settings = settings;
    this.temperature = temperature;
    this.reference = reference;
  }

  static PreferenceKind.Method method(TdpoStage stage, Workbench bench) {
    return new PreferenceKind.Method(
        new TdpoObjective(
            new TdpoSettings(
                TdpoVariant.valueOf(stage.variant().name()), stage.beta(), stage.alpha()),
            stage.sampling().temperature(),
            FrozenModel.of(bench, stage.reference(), Divergence.REFERENCE_TO_POLICY)),
        Pairs.ROWS,
        Anchors.NONE);
  }

  @Override
  public List<Memory> memories() {
    return List.of(reference);
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    Pairs pairs = Pairs.of(groups);
    var measures = new PreferenceMeasures();
    if (!pairs.isEmpty()) {
      measures
          .reports()
          .add(
              trainer.step(
                  pairs.sequences(),
                  Selection.RESPONSE,
                  temperature,
                  reference.distribution(),
                  micro -> loss(micro, pairs, measures)));
    }
    return measures.metrics(groups, pairs.sequences());
  }

  private NDArray loss(MicroBatch micro, Pairs pairs, PreferenceMeasures measures) {
    NDArray logpB = SequenceLogp.sum(micro.logpBT(), micro.maskBT());
    NDArray refB = SequenceLogp.sum(micro.referenceLogpBT(), micro.maskBT());
    NDArray divergenceB = SequenceLogp.sum("divergenceBT", micro.divergenceBT(), micro.maskBT());
    var chosen =
        new TdpoLoss.Responses(
            SequenceLogp.chosen(logpB),
            SequenceLogp.chosen(refB),
            SequenceLogp.chosen(divergenceB));
    var rejected =
        new TdpoLoss.Responses(
            SequenceLogp.rejected(logpB),
            SequenceLogp.rejected(refB),
            SequenceLogp.rejected(divergenceB));
    measures.add(
        PreferenceMetrics.of(
            TdpoLoss.implicitReward(chosen, settings.beta()),
            TdpoLoss.implicitReward(rejected, settings.beta())));
    measures.add("kl/chosen", mean(chosen, pairs));
    measures.add("kl/rejected", mean(rejected, pairs));
    return TdpoLoss.loss(chosen, rejected, settings, pairs.count());
  }

  /** This micro-batch's share in the mean divergence of a completion, nats. */
  private static double mean(TdpoLoss.Responses responses, Pairs pairs) {
    double sum = 0;
    for (float divergence : responses.divergenceP().stopGradient().toFloatArray()) {
      sum += divergence;
    }
    return sum / pairs.count();
  }
}
