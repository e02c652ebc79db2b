package dev.troupe.actors.stage;

import dev.troupe.algorithms.dpo.DpoSettings;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.DpoStage;
import java.util.Optional;

/** Direct preference optimization on pairs sampled from the frozen starting policy. */
final class DpoKind implements StageKind<DpoStage> {
  private static final int PAIR = 2;
  private static final int UNIT_PROMPTS = 8;

  @Override
  public StagePlan plan(DpoStage settings, PlanContext context) {
    return new StagePlan(
        settings.name(),
        "dpo",
        settings.steps(),
        context.firstVersion(),
        Optional.of(
            context.training(
                settings.name(),
                settings.prompts(),
                settings.groupSize(),
                UNIT_PROMPTS,
                settings.sampling())),
        0,
        true,
        context.settings().checkpoints().every(),
        Deadlines.USUAL,
        Metric.PREFERENCE_ACCURACY);
  }

  @Override
  public Course course(DpoStage settings, StagePlan plan, Workbench bench) {
    return new TrainedCourse(
        plan,
        bench,
        Origin.of(settings.from()),
        TrainerChoice.of(
            bench.settings(), settings.name(), settings.optimizer(), settings.steps(), PAIR),
        Anchors.reference(settings.reference()),
        new DpoObjective(
            new DpoSettings(settings.beta(), settings.labelSmoothing()),
            settings.sampling().temperature()));
  }
}
