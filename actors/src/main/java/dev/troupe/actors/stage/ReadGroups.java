package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.runtime.data.Comparison;
import dev.troupe.runtime.data.ExampleOrder;
import dev.troupe.runtime.data.StageData;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The rows of a stage's own data as the groups that would otherwise be sampled and scored for it.
 * Which rows a step reads depends on the run's seed and the step alone.
 */
final class ReadGroups {
  private final String stage;
  private final StageData data;
  private final ExampleOrder order;
  private final PromptTokens prompts;
  private final int perStep;
  private final long trainingSteps;

  private ReadGroups(
      String stage,
      StageData data,
      ExampleOrder order,
      PromptTokens prompts,
      int perStep,
      long trainingSteps) {
    this.stage = stage;
    this.data = data;
    this.order = order;
    this.prompts = prompts;
    this.perStep = perStep;
    this.trainingSteps = trainingSteps;
  }

  /**
   * The groups of a stage; empty if it samples its completions.
   *
   * @param perStep rows of a step
   * @param trainingSteps from this step on, held-out rows are read
   */
  static Optional<ReadGroups> of(Workbench bench, String stage, int perStep, long trainingSteps) {
    long seed = Seeds.of(bench.settings().seed(), "rows of " + stage);
    return bench
        .data()
        .comparisons(stage)
        .map(
            data ->
                new ReadGroups(
                    stage,
                    data,
                    data.comparisons().order(seed),
                    bench.prompts(),
                    perStep,
                    trainingSteps));
  }

  /** The groups of a step. */
  List<ScoredGroup> of(long step) {
    var groups = new ArrayList<ScoredGroup>(perStep);
    for (int i = 0; i < perStep; i++) {
      long position = step * perStep + i;
      int index = index(position);
      boolean isTraining = step < trainingSteps;
      Comparison row = isTraining ? data.comparisons().get(index) : data.heldOut().get(index);
      groups.add(group(step, position, index, row));
    }
    return groups;
  }

  private int index(long position) {
    long measured = position - trainingSteps * perStep;
    return measured < 0 ? order.index(position) : (int) (measured % data.heldOut().size());
  }

  private ScoredGroup group(long step, long position, int index, Comparison row) {
    var rollouts = new ArrayList<Rollout>();
    var outcomes = new ArrayList<Outcome>();
    int[] prompt = new int[0];
    for (Comparison.Candidate candidate : row.candidates()) {
      TrainingSequence sequence = prompts.sequence(row, candidate);
      int[] tokens = sequence.tokens();
      prompt = Arrays.copyOf(tokens, sequence.promptLength());
      int[] completion = Arrays.copyOfRange(tokens, prompt.length, tokens.length);
      rollouts.add(
          new Rollout(
              rollouts.size(),
              completion,
              new float[completion.length],
              FinishReason.STOP_TOKEN,
              candidate.text(),
              null));
      outcomes.add(new Outcome.Scored(candidate.reward(), candidate.labels()));
    }
    var ticket =
        new Ticket(
            new TicketId(stage, position),
            Purpose.TRAINING,
            step,
            index,
            rollouts.size(),
            0,
            null,
            ScoringModels.NONE);
    return new ScoredGroup(new Group(ticket, prompt, rollouts), outcomes, null);
  }
}
