package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The frozen reference beside the trainer, for completions that are read: they pass no reference
 * actor, so the learner asks for their log-probabilities itself.
 */
final class ReadReference implements Memory {
  private static final int MICRO_BATCH_TOKENS = 8192;

  private final Workbench bench;
  private final String stage;
  private ScoringEngine engine;
  private PolicyVersion version;

  /**
   * @param stage whose weights are the reference
   */
  ReadReference(Workbench bench, String stage) {
    this.bench = bench;
    this.stage = stage;
  }

  @Override
  public void open() {
    try (DecoderWeights weights = bench.result(stage)) {
      version = bench.version(0, weights.digest());
      engine =
          new ScoringEngine(
              weights, NumericType.valueOf(bench.settings().compute().name()), MICRO_BATCH_TOKENS);
    }
  }

  /** The same groups with the log-probabilities of their tokens under the reference. */
  List<ScoredGroup> complete(List<ScoredGroup> groups) {
    List<TrainingSequence> sequences =
        Sequences.of(groups.stream().map(ScoredGroup::group).toList());
    // The temperature is 1: nobody sampled these completions.
    List<float[]> logps = engine.logps(sequences, 1);
    var models = ScoringModels.NONE.withReference(version);
    var complete = new ArrayList<ScoredGroup>(groups.size());
    int next = 0;
    for (ScoredGroup group : groups) {
      int rows = group.group().rollouts().size();
      List<float[]> own = logps.subList(next, next + rows);
      next += rows;
      complete.add(
          new ScoredGroup(
              group.group(),
              group.outcomes(),
              new ReferencePart(group.ticket().id(), models, own, null, null, null, 0)));
    }
    return complete;
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
