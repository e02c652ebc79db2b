package dev.troupe.actors.stage;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.Comparisons;
import dev.troupe.runtime.settings.PreferenceStage;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Learning from preferences among completions that the frozen starting policy samples, or that the
 * stage's own data brings. DPO, TDPO and PRO differ in what they make of a step.
 *
 * @param <S> settings of the method
 */
final class PreferenceKind<S extends PreferenceStage> implements StageKind<S> {
  private final BiFunction<S, Workbench, Method> method;

  /**
   * What one of them is.
   *
   * @param objective what it does in a step
   * @param rowsPerUnit completions that a micro-batch must hold together
   * @param anchors the frozen models that other actors ask for it
   */
  record Method(Objective objective, int rowsPerUnit, Anchors anchors) {}

  PreferenceKind(BiFunction<S, Workbench, Method> method) {
    this.method = method;
  }

  @Override
  public StagePlan plan(S settings, PlanContext context) {
    Comparisons compared = settings.comparisons();
    return context.sampled(
        settings,
        settings.steps(),
        compared.prompts(),
        compared.groupSize(),
        true,
        Metric.PREFERENCE_ACCURACY);
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public Course course(S settings, StagePlan plan, Workbench bench) {
    Method chosen = method.apply(settings, bench);
    Optional<ReadGroups> reads =
        ReadGroups.of(bench, settings.name(), settings.comparisons().prompts(), settings.steps());
    Optional<ReadReference> reference =
        Optional.ofNullable(chosen.anchors().reference())
            .map(stage -> new ReadReference(bench, stage));
    return new TrainedCourse(
            plan,
            bench,
            Origin.of(settings.from()),
            TrainerChoice.of(
                bench.settings(),
                settings.name(),
                settings.optimizer(),
                settings.steps(),
                chosen.rowsPerUnit()),
            reads.isPresent() ? Anchors.NONE : chosen.anchors(),
            reads
                .<Objective>map(groups -> new ReadObjective(chosen.objective(), groups, reference))
                .orElse(chosen.objective()))
        .ahead();
  }
}
