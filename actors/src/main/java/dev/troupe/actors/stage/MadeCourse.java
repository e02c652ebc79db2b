package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.checkpoint.Checkpoint;
import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stage whose weights are made at once instead of trained: the starting model, a soup. */
final class MadeCourse implements Course {
  private static final Logger LOG = LoggerFactory.getLogger(MadeCourse.class);

  /** Weights, which the course will own, and what was measured while they were made. */
  record Made(DecoderWeights weights, Map<String, Double> metrics) {}

  private final StagePlan plan;
  private final Workbench bench;
  private final Supplier<Made> maker;
  private Made made;
  private boolean isNew;
  private long nanos;
  private PolicyVersion version;

  MadeCourse(StagePlan plan, Workbench bench, Supplier<Made> maker) {
    this.plan = plan;
    this.bench = bench;
    this.maker = maker;
  }

  @Override
  public List<VersionSet> open() {
    Optional<Checkpoint> finished = finished();
    long begin = System.nanoTime();
    made =
        finished.isPresent()
            ? new Made(bench.load(finished.get().directory()), Map.of())
            : maker.get();
    isNew = finished.isEmpty();
    nanos = System.nanoTime() - begin;
    version = bench.version(plan.firstVersion(), made.weights().digest());
    return List.of(inForce(finished.isPresent() ? plan.steps() : 0));
  }

  /** What cannot be read is made again, which takes no more than a moment. */
  private Optional<Checkpoint> finished() {
    try {
      return bench.store(plan.name()).latest();
    } catch (CheckpointException e) {
      LOG.warn("stage {} is made again: {}", plan.name(), e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public StepResult train(long step, List<ScoredGroup> groups) {
    return new StepResult(inForce(step + 1), made.metrics(), nanos);
  }

  @Override
  public VersionSet conclude() {
    if (isNew && plan.steps() == 0) {
      save(0).run();
    }
    bench.exchange().publish(version, made.weights().copy());
    return inForce(plan.steps());
  }

  @Override
  public Runnable save(long stepsDone) {
    Consumer<Path> weights = bench.files(made.weights().config(), made.weights().toHost());
    var state =
        new CourseState(
            plan.name(),
            plan.kind(),
            stepsDone,
            0,
            0,
            bench.settings().seed(),
            bench.settings().settingsDigest(),
            version.digest(),
            List.of());
    CheckpointStore store = bench.store(plan.name());
    return () -> store.write(stepsDone, weights.andThen(state::write));
  }

  private VersionSet inForce(long step) {
    return new VersionSet(step, version, ScoringModels.NONE);
  }

  @Override
  public void close() {
    if (version != null) {
      bench.exchange().withdraw(version);
    }
    if (made != null) {
      made.weights().close();
      made = null;
    }
  }
}
