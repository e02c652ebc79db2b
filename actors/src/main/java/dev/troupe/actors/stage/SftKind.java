package dev.troupe.actors.stage;

import dev.troupe.runtime.data.PromptSource;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.SftStage;
import java.util.Optional;

/** Supervised fine-tuning on the answers of the task. */
final class SftKind implements StageKind<SftStage> {

  @Override
  public StagePlan plan(SftStage settings, PlanContext context) {
    return new StagePlan(
        settings.name(),
        "sft",
        settings.steps(),
        context.firstVersion(),
        Optional.empty(),
        0,
        true,
        context.settings().checkpoints().every(),
        context.deadlines(settings.name()),
        Metric.LOSS);
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public Course course(SftStage settings, StagePlan plan, Workbench bench) {
    PromptSource demonstrations = bench.data().train(settings.name());
    long seed = Seeds.of(bench.settings().seed(), "demonstrations " + settings.dataSeed());
    return new TrainedCourse(
            plan,
            bench,
            Origin.of(settings.from()),
            TrainerChoice.of(
                bench.settings(), settings.name(), settings.optimizer(), settings.steps(), 1),
            Anchors.NONE,
            new SftObjective(
                new Demonstrations(
                    demonstrations,
                    demonstrations.order(seed),
                    seed,
                    bench.prompts(),
                    settings.batch())))
        .ahead();
  }
}
