package dev.troupe.runtime.training;

import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.training.ForwardPass.Beside;
import java.util.List;

/**
 * What a step compares the policy's whole distribution of every response token with.
 *
 * <p>The engine, which owns the frozen weights, must stay open while steps use it; its micro-batch
 * size plays no part, its compute type does: a policy equal to its reference has divergence 0 when
 * both compute in the same type. It may be another decoder, with the same vocabulary.
 *
 * @param engine the frozen decoder, on the accelerator of the policy
 * @param divergence the direction
 */
public record ReferenceDistribution(ScoringEngine engine, Divergence divergence) {

  /** Runs the reference up to its head for the positions of a micro-batch. */
  Beside beside(NDManager manager, PackedBatch batch) {
    SequenceReader reader = engine.reader();
    var states =
        reader.pass().read(manager, reader.weights(), batch.withoutTargets(manager), 1).stateKD();
    return new Beside(
        divergence.way(), states, reader.pass().head(reader.weights()), reader.pass().logitCap());
  }

  /** Refuses a policy that cannot be compared with it, and sequences that it cannot read. */
  void check(SequenceReader policy, List<TrainingSequence> sequences, double temperature) {
    SequenceReader own = engine.reader();
    if (own.accelerator() != policy.accelerator()) {
      throw new IllegalArgumentException(
          "the reference is on another accelerator than the policy; load both on one");
    }
    if (own.pass().vocabulary() != policy.pass().vocabulary()) {
      throw new IllegalArgumentException(
          "the reference has a vocabulary of %d tokens, the policy one of %d; distributions over"
                  .formatted(own.pass().vocabulary(), policy.pass().vocabulary())
              + " different vocabularies have no divergence");
    }
    own.pass().check(sequences, Selection.RESPONSE, temperature);
  }
}
