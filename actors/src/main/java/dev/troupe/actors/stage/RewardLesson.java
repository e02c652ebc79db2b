package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.runtime.training.LossFunction;
import dev.troupe.runtime.training.Tally;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.List;
import java.util.Map;

/** How a reward model learns from completions that were graded. */
interface RewardLesson {

  /** How many consecutive sequences are compared with each other, so must stay together. */
  int unitRows();

  /** What the groups of a step teach. */
  Step of(List<ScoredGroup> groups);

  /** The work of one optimizer step. */
  interface Step {

    /** What is scored; empty when the groups teach nothing. */
    List<TrainingSequence> sequences();

    /** What is minimised. */
    LossFunction loss();

    /**
     * Adds what was seen of the model before the step.
     *
     * @param tally what the loss kept; empty when nothing was scored
     */
    void measure(Tally tally, Map<String, Double> metrics);
  }
}
