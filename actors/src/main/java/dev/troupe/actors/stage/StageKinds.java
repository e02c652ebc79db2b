package dev.troupe.actors.stage;

import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.settings.DpoStage;
import dev.troupe.runtime.settings.EssaStage;
import dev.troupe.runtime.settings.EvaluationSettings;
import dev.troupe.runtime.settings.PolicyGradientStage;
import dev.troupe.runtime.settings.ProStage;
import dev.troupe.runtime.settings.PromptSelectionStage;
import dev.troupe.runtime.settings.RewardModelStage;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SftStage;
import dev.troupe.runtime.settings.SoupStage;
import dev.troupe.runtime.settings.StageSettings;
import dev.troupe.runtime.settings.SuperHfStage;
import dev.troupe.runtime.settings.TdpoStage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The kinds of stages there are. Each is registered once, by the class of its settings; nothing
 * else in the runtime asks what kind a stage is.
 */
public final class StageKinds {

  private static final StageKinds STANDARD =
      new StageKinds()
          .with(SftStage.class, new SftKind())
          .with(SoupStage.class, new SoupKind())
          .with(DpoStage.class, new PreferenceKind<>(DpoObjective::method))
          .with(TdpoStage.class, new PreferenceKind<>(TdpoObjective::method))
          .with(ProStage.class, new PreferenceKind<>(ProObjective::method))
          .with(SuperHfStage.class, new SuperHfKind())
          .with(EssaStage.class, new EssaKind())
          .with(RewardModelStage.class, new RewardModelKind())
          .with(PromptSelectionStage.class, new PromptSelectionKind())
          .with(PolicyGradientStage.class, new PolicyGradientKind());

  private record Entry(
      BiFunction<StageSettings, PlanContext, StagePlan> plan,
      Function<StageSettings, BiFunction<StagePlan, Workbench, Course>> course,
      boolean isShared) {}

  private final Map<Class<? extends StageSettings>, Entry> kinds = new HashMap<>();

  private StageKinds() {}

  /** Those that ship with the project. */
  public static StageKinds standard() {
    return STANDARD;
  }

  private <S extends StageSettings> StageKinds with(Class<S> settings, StageKind<S> kind) {
    kinds.put(
        settings,
        new Entry(
            (stage, context) -> kind.plan(settings.cast(stage), context),
            stage -> (plan, bench) -> kind.course(settings.cast(stage), plan, bench),
            kind.isShared()));
    return this;
  }

  /** The types of settings that these kinds carry out. */
  Set<Class<? extends StageSettings>> settings() {
    return Set.copyOf(kinds.keySet());
  }

  /**
   * The plan of a whole run: its starting model as a stage without steps, its stages, its
   * evaluations.
   *
   * @param stopTokens ids that end a completion
   * @param measured stages that were evaluated before and need not be again
   */
  public RunPlan plan(
      RunSettings settings, TaskData data, List<Integer> stopTokens, Set<String> measured) {
    var plans = new ArrayList<StagePlan>();
    plans.add(ModelKind.plan());
    var context = new PlanContext(settings, data, stopTokens, 1);
    var measuring = new Measuring(settings);
    recall(measuring.recalledAfter(StageSettings.MODEL), measuring, plans);
    for (StageSettings stage : settings.stages()) {
      long version = nextVersion(plans);
      plans.add(kinds.get(stage.getClass()).plan().apply(stage, context.from(version)));
      recall(measuring.recalledAfter(stage.name()), measuring, plans);
    }
    return new RunPlan(
        settings.name(), plans, evaluation(settings, data, stopTokens, measured), Limits.of(settings.limits()));
  }

  private static void recall(List<String> subjects, Measuring measuring, List<StagePlan> plans) {
    for (String subject : subjects) {
      plans.add(RecalledCourse.plan(measuring.moment(subject), nextVersion(plans)));
    }
  }

  private static long nextVersion(List<StagePlan> plans) {
    StagePlan last = plans.get(plans.size() - 1);
    return last.version(last.steps()) + 1;
  }

  private static Optional<EvaluationPlan> evaluation(
      RunSettings settings, TaskData data, List<Integer> stopTokens, Set<String> measured) {
    EvaluationSettings wanted = settings.evaluate();
    var stages = new ArrayList<>(wanted.stages());
    stages.removeAll(measured);
    if (stages.isEmpty() || data.heldOut().size() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new EvaluationPlan(
            stages.stream().map(new Measuring(settings)::moment).collect(Collectors.toSet()),
            EvaluationPlan.tickets(wanted, settings.seed(), data.heldOut().size(), stopTokens)));
  }

  /** The course of a stage. */
  public Course course(StagePlan plan, Workbench bench) {
    var measuring = new Measuring(bench.settings());
    Course course = own(plan, bench);
    return measuring.isAccompanied(plan.name())
        ? new MeasuredCourse(course, plan, bench, measuring)
        : course;
  }

  /** Whether several learners can train a stage together; the others are trained by one. */
  public boolean isShared(RunSettings settings, String stage) {
    return settings.stages().stream()
        .anyMatch(it -> it.name().equals(stage) && kinds.get(it.getClass()).isShared());
  }

  private Course own(StagePlan plan, Workbench bench) {
    if (Measuring.isRecalled(plan.name())) {
      return new RecalledCourse(plan, bench);
    }
    if (plan.name().equals(StageSettings.MODEL)) {
      return ModelKind.course(plan, bench);
    }
    StageSettings stage = bench.settings().stage(plan.name());
    return kinds.get(stage.getClass()).course().apply(stage).apply(plan, bench);
  }
}
