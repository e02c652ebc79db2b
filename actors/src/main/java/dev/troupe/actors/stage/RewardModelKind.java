package dev.troupe.actors.stage;

import dev.troupe.algorithms.calibration.CalibratedObjective;
import dev.troupe.algorithms.multiobjective.RewardRegressionLoss;
import dev.troupe.algorithms.reward.PairSelection;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.RewardModelStage;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** Reward models, taught with completions of a frozen policy. */
final class RewardModelKind implements StageKind<RewardModelStage> {
  private static final Map<
          RewardModelStage.Objective, BiFunction<RewardModelStage, Workbench, RewardLesson>>
      LESSONS =
          Map.of(
              RewardModelStage.Objective.BRADLEY_TERRY,
              RewardModelKind::pairs,
              RewardModelStage.Objective.REGRESSION,
              RewardModelKind::labels,
              RewardModelStage.Objective.CALIBRATED,
              RewardModelKind::confidences);

  private static final Map<RewardModelStage.Comparison, CalibratedObjective> COMPARISONS =
      Map.of(
          RewardModelStage.Comparison.PAIRS, CalibratedObjective.PAIRS,
          RewardModelStage.Comparison.COMBINED, CalibratedObjective.COMBINED,
          RewardModelStage.Comparison.K_WISE, CalibratedObjective.K_WISE);

  @Override
  public StagePlan plan(RewardModelStage settings, PlanContext context) {
    return context.sampled(
        settings,
        (long) settings.steps() + settings.measureSteps(),
        settings.prompts(),
        settings.groupSize(),
        true,
        regresses(settings) ? Metric.LOSS : Metric.REWARD_MODEL_ACCURACY);
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public Course course(RewardModelStage settings, StagePlan plan, Workbench bench) {
    RewardLesson lesson = LESSONS.get(settings.objective()).apply(settings, bench);
    boolean isSquashed = regresses(settings) && settings.head() == RewardModelStage.Head.SIGMOID;
    var objective =
        new RewardModelObjective(
            settings.steps(),
            lesson,
            new RewardReader(settings.view(), bench.prompts()),
            regresses(settings) ? Grades::labels : Grades::total,
            settings.scores(),
            isSquashed);
    return new TrainedCourse(
            plan,
            bench,
            new Origin(
                settings.from(),
                Optional.of(settings.policy()),
                settings.scores().size(),
                Seeds.of(bench.settings().seed(), "score head of " + settings.name())),
            TrainerChoice.of(
                bench.settings(),
                settings.name(),
                settings.optimizer(),
                settings.steps(),
                lesson.unitRows()),
            Anchors.NONE,
            ReadGroups.of(bench, settings.name(), settings.prompts(), settings.steps())
                .<Objective>map(groups -> new ReadObjective(objective, groups, Optional.empty()))
                .orElse(objective))
        .ahead();
  }

  private static boolean regresses(RewardModelStage settings) {
    return settings.objective() == RewardModelStage.Objective.REGRESSION;
  }

  private static RewardLesson pairs(RewardModelStage settings, Workbench bench) {
    return new PairLesson(
        PairSelection.valueOf(settings.pairs().name()),
        settings.margin(),
        settings.centring(),
        settings.probabilityOffset(),
        settings.groupSize(),
        new RewardReader(settings.view(), bench.prompts()));
  }

  private static RewardLesson labels(RewardModelStage settings, Workbench bench) {
    return new LabelLesson(
        RewardRegressionLoss.Head.valueOf(settings.head().name()),
        settings.scores().size(),
        new RewardReader(settings.view(), bench.prompts()));
  }

  private static RewardLesson confidences(RewardModelStage settings, Workbench bench) {
    return new ConfidenceLesson(
        COMPARISONS.get(settings.comparison()),
        new RewardReader(settings.view(), bench.prompts()),
        Seeds.of(bench.settings().seed(), "confidences of " + settings.name()));
  }
}
