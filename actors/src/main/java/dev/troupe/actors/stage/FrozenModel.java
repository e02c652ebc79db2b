package dev.troupe.actors.stage;

import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.training.Divergence;
import dev.troupe.runtime.training.ReferenceDistribution;
import dev.troupe.runtime.training.ScoringEngine;
import java.nio.file.Path;

/**
 * The weights of an earlier stage beside the trainer, for a loss that compares whole distributions
 * with it: too many numbers to be sent from another actor.
 */
final class FrozenModel implements Memory {
  /** Tokens of one forward pass on its own; beside the policy's the trainer decides. */
  private static final int MICRO_BATCH_TOKENS = 8192;

  private final Workbench bench;
  private final String stage;
  private final Divergence divergence;
  private ScoringEngine engine;

  /**
   * @param stage whose weights these are
   * @param divergence the direction in which the policy is compared with it
   */
  FrozenModel(Workbench bench, String stage, Divergence divergence) {
    this.bench = bench;
    this.stage = stage;
    this.divergence = divergence;
  }

  @Override
  public void open() {
    NumericType compute = NumericType.valueOf(bench.settings().compute().name());
    try (DecoderWeights weights = bench.result(stage)) {
      engine = new ScoringEngine(weights, compute, MICRO_BATCH_TOKENS);
    }
  }

  /** What a step of the trainer compares its policy with. */
  ReferenceDistribution distribution() {
    return new ReferenceDistribution(engine, divergence);
  }

  /** Nothing to write: the weights are in the checkpoint of their own stage. */
  @Override
  public void write(Path directory) {}

  @Override
  public void read(Path directory) {}

  @Override
  public void close() {
    if (engine != null) {
      engine.close();
      engine = null;
    }
  }
}
