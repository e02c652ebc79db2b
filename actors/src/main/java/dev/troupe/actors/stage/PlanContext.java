package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Purpose;
import dev.troupe.runtime.data.ExampleOrder;
import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.DeadlineSettings;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SampledStage;
import dev.troupe.runtime.settings.SamplingSettings;
import java.util.List;
import java.util.Optional;

/**
 * What plans are made from.
 *
 * @param settings of the run
 * @param data of the task
 * @param stopTokens ids that end a completion
 * @param firstVersion number of the first policy version of the stage that is planned
 */
record PlanContext(
    RunSettings settings, TaskData data, List<Integer> stopTokens, long firstVersion) {

  /** Prompts of a stage without a setting for it that are decoded together. */
  private static final int UNIT_PROMPTS = 8;

  PlanContext from(long version) {
    return new PlanContext(settings, data, stopTokens, version);
  }

  /**
   * The plan of a stage that learns from completions of the training prompts, with nothing special
   * about it; one that reads its completions has no tickets.
   *
   * @param frozen whether all steps are sampled with the version that the stage starts with
   * @param keyMetric the metric that tells whether the stage works
   */
  StagePlan sampled(
      SampledStage stage, long steps, int prompts, int samples, boolean frozen, Metric keyMetric) {
    return new StagePlan(
        stage.name(),
        stage.kind(),
        steps,
        firstVersion,
        data.comparisons(stage.name()).isPresent()
            ? Optional.empty()
            : Optional.of(training(stage.name(), prompts, samples, UNIT_PROMPTS, stage.sampling())),
        0,
        frozen,
        settings.checkpoints().every(),
        deadlines(stage.name()),
        keyMetric);
  }

  /** How long the parts of a stage may take. */
  Deadlines deadlines(String stage) {
    DeadlineSettings limits = settings.deadlines().get(stage);
    return new Deadlines(limits.generate(), limits.reward(), limits.reference(), limits.train());
  }

  /** Tickets on the training prompts in their shuffled order. */
  TicketPlan training(
      String stage, int prompts, int samples, int unitPrompts, SamplingSettings sampling) {
    ExampleOrder order = data.train(stage).order(Seeds.of(settings.seed(), "prompts of " + stage));
    return new TicketPlan(
        stage,
        Purpose.TRAINING,
        Seeds.of(settings.seed(), "rollouts of " + stage),
        prompts,
        samples,
        unitPrompts,
        sampling(sampling),
        order::index);
  }

  private Sampling sampling(SamplingSettings sampling) {
    return new Sampling(
        sampling.temperature(),
        sampling.topK(),
        sampling.topP(),
        sampling.minP(),
        sampling.repetitionPenalty(),
        sampling.maxTokens(),
        stopTokens,
        sampling.stop());
  }
}
