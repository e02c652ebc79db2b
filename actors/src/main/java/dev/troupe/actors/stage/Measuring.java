package dev.troupe.actors.stage;

import dev.troupe.runtime.settings.EvaluationSettings;
import dev.troupe.runtime.settings.RewardModel;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.StageSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * When each stage is measured, and which frozen models say something about its completions. A stage
 * is measured when it is done, or, if one of these models comes later, once that one is done: its
 * weights are then recalled for it.
 */
public final class Measuring {
  private static final String RECALLED = ":recalled";

  private final RunSettings settings;
  private final List<String> order;

  /**
   * @param settings of the run
   */
  public Measuring(RunSettings settings) {
    this.settings = settings;
    this.order = new ArrayList<>(List.of(StageSettings.MODEL));
    settings.stages().forEach(stage -> order.add(stage.name()));
  }

  /** The stage of a recipe that is meant by the name of a plan. */
  public static String subject(String plan) {
    return plan.endsWith(RECALLED) ? plan.substring(0, plan.length() - RECALLED.length()) : plan;
  }

  /** Whether a plan is no stage of the recipe, but one that is recalled to be measured. */
  public static boolean isRecalled(String plan) {
    return plan.endsWith(RECALLED);
  }

  /** The name of the plan at whose end a stage is measured. */
  String moment(String subject) {
    return latest(subject).equals(subject) ? subject : subject + RECALLED;
  }

  /** The stages that are recalled once another is done. */
  List<String> recalledAfter(String stage) {
    return settings.evaluate().stages().stream()
        .distinct()
        .filter(subject -> !subject.equals(stage) && latest(subject).equals(stage))
        .toList();
  }

  /** The last of a stage and all that is needed to measure it. */
  private String latest(String subject) {
    return Stream.of(
            Stream.of(subject),
            reference(subject).stream(),
            settings.evaluate().rewardModel().stream())
        .flatMap(names -> names)
        .max((a, b) -> Integer.compare(order.indexOf(a), order.indexOf(b)))
        .orElseThrow();
  }

  /** What a plan's completions are compared with, if anything. */
  Optional<String> reference(String subject) {
    EvaluationSettings wanted = settings.evaluate();
    return wanted.temperature() > 0
        ? wanted.reference().filter(reference -> !reference.equals(subject))
        : Optional.empty();
  }

  /** The reward model that scores them, if any. */
  Optional<RewardModel> rewardModel() {
    return settings.evaluate().rewardModel().map(name -> (RewardModel) settings.stage(name));
  }

  /** Whether frozen models have something to say at the end of a plan. */
  boolean isAccompanied(String plan) {
    String subject = subject(plan);
    return settings.evaluate().stages().contains(subject)
        && moment(subject).equals(plan)
        && (reference(subject).isPresent() || rewardModel().isPresent());
  }
}
