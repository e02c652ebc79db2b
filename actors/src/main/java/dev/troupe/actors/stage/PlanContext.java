package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Purpose;
import dev.troupe.runtime.data.Shuffle;
import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SamplingSettings;
import java.util.List;

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

  PlanContext from(long version) {
    return new PlanContext(settings, data, stopTokens, version);
  }

  /** Tickets on the training prompts in their shuffled order. */
  TicketPlan training(
      String stage, int prompts, int samples, int unitPrompts, SamplingSettings sampling) {
    var order = new Shuffle(data.train().size(), Seeds.of(settings.seed(), "prompts of " + stage));
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
