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
import dev.troupe.runtime.training.StepReport;
import dev.troupe.runtime.training.Trainer;
import java.util.List;
import java.util.Map;

/**
 * Token-level direct preference optimization: DPO's margin, less what the policy departs from the
 * reference on rejected completions more than on chosen ones, position by position.
 */
final class TdpoObjective implements Objective {
  private static final String KL_CHOSEN = "kl/chosen";
  private static final String KL_REJECTED = "kl/rejected";

  private final TdpoSettings settings;
  private final double temperature;
  private final FrozenModel reference;
  private List<Credit> credits = List.of();

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
  public List<Credit> credits() {
    return credits;
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    Pairs pairs = Pairs.of(groups);
    var measures = new PreferenceMeasures();
    var read = new ReadTokens(pairs.sequences());
    if (!pairs.isEmpty()) {
      StepReport report =
          trainer.step(
              pairs.sequences(),
              Selection.RESPONSE,
              temperature,
              reference.distribution(),
              read.over(micro -> loss(micro, pairs)));
      measures.add(report);
      measures.add(KL_CHOSEN, report.tally().sum(KL_CHOSEN) / pairs.count());
      measures.add(KL_REJECTED, report.tally().sum(KL_REJECTED) / pairs.count());
    }
    credits = pairs.credits(read, settings.beta());
    return measures.metrics(groups, pairs.sequences());
  }

  private NDArray loss(MicroBatch micro, Pairs pairs) {
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
    PreferenceMeasures.PAIRS.keep(
        micro.tally(),
        PreferenceMetrics.of(
            TdpoLoss.implicitReward(chosen, settings.beta()),
            TdpoLoss.implicitReward(rejected, settings.beta())));
    micro.tally().add(KL_CHOSEN, sum(chosen));
    micro.tally().add(KL_REJECTED, sum(rejected));
    return TdpoLoss.loss(chosen, rejected, settings, pairs.count());
  }

  /** The divergence of all completions, nats. */
  private static double sum(TdpoLoss.Responses responses) {
    double sum = 0;
    for (float divergence : responses.divergenceP().stopGradient().toFloatArray()) {
      sum += divergence;
    }
    return sum;
  }
}
