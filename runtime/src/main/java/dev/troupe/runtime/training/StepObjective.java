package dev.troupe.runtime.training;

import java.util.List;

/**
 * What a step minimises.
 *
 * @param selection which outputs the loss wants
 * @param temperature divides the logits
 * @param reference what the policy is compared with, or null
 * @param loss of a micro-batch
 */
record StepObjective(
    Selection selection, double temperature, ReferenceDistribution reference, LossFunction loss) {

  /** Without a reference. */
  static StepObjective of(Selection selection, double temperature, LossFunction loss) {
    return new StepObjective(selection, temperature, null, loss);
  }

  /** Refuses a selection or a reference that cannot be compared. */
  void check(SequenceReader policy, List<TrainingSequence> sequences) {
    if (reference == null) {
      return;
    }
    if (selection != Selection.RESPONSE) {
      throw new IllegalArgumentException(
          "selection = "
              + selection
              + " has no distributions to compare with a reference; allowed is RESPONSE");
    }
    reference.check(policy, sequences, temperature);
  }
}
