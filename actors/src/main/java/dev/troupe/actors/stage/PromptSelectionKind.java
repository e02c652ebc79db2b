package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.WeightedReward;
import dev.troupe.runtime.settings.PromptSelectionStage;
import dev.troupe.runtime.settings.RunSettings;
import java.util.Map;
import java.util.Optional;

/**
 * Prompt selection, the inverse-RL view of prompting (Prompt-OIRL): a reward model that is learnt
 * from logs alone says which way of asking suits a query, before anything is asked. The weights of
 * the stage are those that it was given.
 */
final class PromptSelectionKind implements StageKind<PromptSelectionStage> {
  @Override
  public StagePlan plan(PromptSelectionStage settings, PlanContext context) {
    if (!reward(context.settings()).isVerifiable()) {
      throw new RunException(
          "Stage %s counts right answers, but the reward of the run is graded; choose one that is right or wrong, such as exact-match."
              .formatted(settings.name()));
    }
    if (context.data().heldOut().size() < 2) {
      throw new RunException(
          "Stage %s asks the held-out prompts of the task, and there are fewer than two; raise task.held-out."
              .formatted(settings.name()));
    }
    return new StagePlan(
        settings.name(),
        settings.kind(),
        1,
        context.firstVersion(),
        Optional.empty(),
        0,
        true,
        1,
        context.deadlines(settings.name()),
        Metric.named(PromptChoice.SELECTED));
  }

  private static WeightedReward reward(RunSettings settings) {
    return WeightedReward.from("reward", settings.reward(), RewardCatalog.standard());
  }

  @Override
  public Course course(PromptSelectionStage settings, StagePlan plan, Workbench bench) {
    return new MadeCourse(plan, bench, () -> select(settings, bench));
  }

  private static MadeCourse.Made select(PromptSelectionStage settings, Workbench bench) {
    DecoderWeights weights = bench.result(settings.from());
    try {
      return new MadeCourse.Made(weights, measures(settings, bench, weights));
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private static Map<String, Double> measures(
      PromptSelectionStage settings, Workbench bench, DecoderWeights weights) {
    long seed = Seeds.of(bench.settings().seed(), "split of " + settings.name());
    return PromptChoice.measures(settings, ask(settings, bench, weights), seed);
  }

  private static PromptTrials ask(
      PromptSelectionStage settings, Workbench bench, DecoderWeights weights) {
    NumericType compute = NumericType.valueOf(bench.settings().compute().name());
    try (var engine = new GenerationEngine(bench.accelerator(), weights.config(), compute)) {
      engine.adopt(weights);
      return PromptTrials.ask(
          settings,
          bench.data().heldOut(),
          engine,
          bench.prompts(),
          reward(bench.settings()),
          Seeds.of(bench.settings().seed(), "answers of " + settings.name()));
    }
  }
}
