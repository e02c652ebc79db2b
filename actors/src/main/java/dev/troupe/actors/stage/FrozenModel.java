package dev.troupe.actors.stage;

import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.training.Divergence;
import dev.troupe.runtime.training.ReferenceDistribution;
import dev.troupe.runtime.training.ScoringEngine;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The weights of an earlier stage beside the trainer, for a loss that compares whole distributions
 * with it: too many numbers to be sent from another actor.
 */
final class FrozenModel implements Memory {
  /** Tokens of one forward pass on its own; beside the policy's the trainer decides. */
  private static final int MICRO_BATCH_TOKENS = 8192;

  private final Supplier<DecoderWeights> source;
  private final NumericType compute;
  private final Divergence divergence;
  private ScoringEngine engine;

  /**
   * @param source reads the weights, which become this object's
   * @param divergence the direction in which the policy is compared with it
   */
  FrozenModel(Supplier<DecoderWeights> source, NumericType compute, Divergence divergence) {
    this.source = source;
    this.compute = compute;
    this.divergence = divergence;
  }

  /** The weights that an earlier stage ended with. */
  static FrozenModel of(Workbench bench, String stage, Divergence divergence) {
    return new FrozenModel(
        () -> bench.result(stage),
        NumericType.valueOf(bench.settings().compute().name()),
        divergence);
  }

  @Override
  public void open() {
    try (DecoderWeights weights = source.get()) {
      engine = new ScoringEngine(weights, compute, MICRO_BATCH_TOKENS);
    }
  }

  /** What a step of the trainer compares its policy with. */
  ReferenceDistribution distribution() {
    return new ReferenceDistribution(engine, divergence);
  }

  /** Nothing to write: the weights are in the checkpoint of their own stage. */
  @Override
  public Consumer<Path> snapshot() {
    return directory -> {};
  }

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
