package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Metric;
import java.util.List;
import java.util.Optional;

/** The weights of an earlier stage once more, as they are, to be measured. */
final class RecalledCourse implements Course {
  static final String KIND = "recalled";

  private final StagePlan plan;
  private final Workbench bench;
  private final Shelf shelf;
  private VersionSet inForce;

  RecalledCourse(StagePlan plan, Workbench bench) {
    this.plan = plan;
    this.bench = bench;
    this.shelf = new Shelf(bench.exchange());
  }

  /** A plan without steps. */
  static StagePlan plan(String name, long firstVersion) {
    return new StagePlan(
        name, KIND, 0, firstVersion, Optional.empty(), 0, true, 1, Deadlines.USUAL, Metric.LOSS);
  }

  @Override
  public List<VersionSet> open() {
    DecoderWeights weights = bench.result(Measuring.subject(plan.name()));
    PolicyVersion version = bench.version(plan.firstVersion(), weights.digest());
    shelf.put(version, weights);
    inForce = new VersionSet(0, version, ScoringModels.NONE);
    return List.of(inForce);
  }

  @Override
  public StepResult train(long step, List<ScoredGroup> groups) {
    throw new IllegalStateException(plan.name() + " has no step " + step);
  }

  /** Nothing to write: the weights are in the checkpoint of their own stage. */
  @Override
  public Runnable save(long stepsDone) {
    return () -> {};
  }

  @Override
  public VersionSet conclude() {
    return inForce;
  }

  @Override
  public void close() {
    shelf.close();
  }
}
