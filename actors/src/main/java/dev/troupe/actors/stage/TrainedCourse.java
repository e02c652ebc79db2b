package dev.troupe.actors.stage;

import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.protocol.RewardScorer;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.checkpoint.Checkpoint;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.ReferenceUpdate;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainerSettings;
import dev.troupe.runtime.transport.Circle;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A stage that trains: opens a trainer where the stage stands, lets the method's objective do each
 * step, publishes what came of it, and writes checkpoints from which it goes on bit by bit alike.
 */
final class TrainedCourse implements Course {
  private final StagePlan plan;
  private final Workbench bench;
  private final Origin origin;
  private final TrainerSettings settings;
  private final Anchors anchors;
  private final Objective objective;
  private final Shelf shelf;
  private final DeviceTime deviceTime;
  private final Retention retention;

  private Trainer trainer;
  private DecoderWeights finished;
  private PolicyVersion firstReference;
  private VersionSet inForce;

  /**
   * @param origin the weights it starts with
   * @param anchors the frozen models it needs
   * @param objective what a step does
   */
  TrainedCourse(
      StagePlan plan,
      Workbench bench,
      Origin origin,
      TrainerSettings settings,
      Anchors anchors,
      Objective objective) {
    this.plan = plan;
    this.bench = bench;
    this.origin = origin;
    this.settings = settings;
    this.anchors = anchors;
    this.objective = objective;
    this.shelf = new Shelf(bench.exchange());
    this.deviceTime = new DeviceTime(bench.accelerator());
    this.retention = bench.retention(plan.name());
  }

  @Override
  public List<VersionSet> open() {
    deviceTime.seconds();
    Optional<Checkpoint> latest = bench.store(plan.name()).latest();
    if (latest.isPresent() && latest.get().step() == plan.steps()) {
      finished = bench.load(latest.get().directory());
      inForce =
          new VersionSet(
              plan.steps(), version(plan.steps(), finished.digest()), ScoringModels.NONE);
      return List.of(inForce);
    }
    try (DecoderWeights start = origin.open(bench)) {
      trainer = bench.trainer(start, settings);
    }
    objective.memories().forEach(Memory::open);
    ScoringModels scoring = publishAnchors();
    if (latest.isEmpty()) {
      inForce = publish(0, sampler(), scoring);
      return List.of(inForce);
    }
    return resume(latest.get(), scoring);
  }

  private ScoringModels publishAnchors() {
    firstReference = publishAnchor(anchors.reference());
    return new ScoringModels(
        firstReference,
        publishAnchor(anchors.shaping()),
        publishAnchor(anchors.shapingBase()),
        anchors.reward() == null
            ? null
            : new RewardScorer(publishAnchor(anchors.reward()), anchors.view()));
  }

  private PolicyVersion publishAnchor(String stage) {
    if (stage == null) {
      return null;
    }
    DecoderWeights weights = bench.result(stage);
    PolicyVersion version = version(0, weights.digest());
    shelf.put(version, weights);
    return version;
  }

  /** What samples at first, and always if the policy is frozen; the caller owns it. */
  private DecoderWeights sampler() {
    return origin.policy().map(bench::result).orElseGet(trainer::snapshot);
  }

  private VersionSet publish(long step, DecoderWeights weights, ScoringModels scoring) {
    PolicyVersion version = version(step, weights.digest());
    shelf.put(version, weights);
    VersionSet versions = new VersionSet(step, version, scoring);
    shelf.need(versions);
    return versions;
  }

  private PolicyVersion version(long step, String digest) {
    return bench.version(plan.version(step), digest);
  }

  private List<VersionSet> resume(Checkpoint checkpoint, ScoringModels scoring) {
    // A frozen policy is the trainer's before it takes the checkpoint's weights.
    if (plan.frozen()) {
      inForce = publish(0, sampler(), scoring);
    }
    var archive = new CourseArchive(bench, trainer, objective.memories(), checkpoint.directory());
    CourseState state = archive.restore(settings.lora().isPresent());
    if (plan.frozen()) {
      VersionSet opening = inForce;
      inForce = new VersionSet(state.step(), opening.policy(), scoring);
      return List.of(opening, inForce);
    }
    for (CourseState.Held held : state.held()) {
      ScoringModels then = scoring;
      if (held.referenceFile() != null) {
        PolicyVersion reference = bench.version(held.referenceNumber(), held.reference());
        shelf.put(reference, archive.reference(held.referenceFile()));
        then = scoring.withReference(reference);
      }
      DecoderWeights policy =
          held.policyFile() == null ? trainer.snapshot() : archive.policy(held.policyFile());
      inForce = publish(held.step(), policy, then);
    }
    return shelf.needed();
  }

  /** This course, or one that is a step ahead of its orders where nothing but they hold it up. */
  Course ahead() {
    boolean waitsForNobody = plan.tickets().isEmpty() && bench.circle().isEmpty();
    return waitsForNobody && anchors.update().kind() == ReferenceUpdate.Kind.FIXED
        ? new AheadCourse(this, step -> learn(step, List.of()), plan)
        : this;
  }

  @Override
  public StepResult train(long step, List<ScoredGroup> groups) {
    return learn(step, groups).get();
  }

  /**
   * Trains one step.
   *
   * @return publishes what came of it; by any thread, but before that of the next step, and before
   *     that is trained where the reference follows the policy
   */
  private Supplier<StepResult> learn(long step, List<ScoredGroup> groups) {
    long begin = System.nanoTime();
    requireKnown(step, groups);
    Map<String, Double> metrics = new LinkedHashMap<>(objective.learn(trainer, step, groups));
    long stepsDone = step + 1;
    DecoderWeights policy = plan.frozen() ? null : trainer.snapshot();
    if (anchors.update().kind() != ReferenceUpdate.Kind.FIXED) {
      metrics.put("reference/updates", (double) (stepsDone / anchors.update().every()));
    }
    metrics.put(Metric.TIME_TENSOR.name(), deviceTime.seconds());
    retention.add(metrics);
    return () -> {
      publish(stepsDone, policy);
      return new StepResult(inForce, metrics, System.nanoTime() - begin);
    };
  }

  /**
   * @param policy after that many steps; null if what samples is frozen
   */
  private void publish(long stepsDone, DecoderWeights policy) {
    if (policy == null) {
      inForce = new VersionSet(stepsDone, inForce.policy(), inForce.scoring());
      return;
    }
    inForce = publish(stepsDone, policy, inForce.scoring());
    if (anchors.isUpdateDue(stepsDone)) {
      inForce = updateReference(stepsDone);
    }
    shelf.forgetBefore(stepsDone - plan.staleness());
  }

  @Override
  public List<Credit> credits() {
    return objective.credits();
  }

  /** The data must come from the version that the schedule binds the step to. */
  private void requireKnown(long step, List<ScoredGroup> groups) {
    for (ScoredGroup group : groups) {
      PolicyVersion bound = shelf.at(plan.samplingStep(step)).policy();
      Fence.STRICT.requireLearnable(bound, group.group());
    }
  }

  /** The reference follows the policy: from this step on tickets are bound to a new one. */
  private VersionSet updateReference(long stepsDone) {
    ReferenceUpdate update = anchors.update();
    PolicyVersion old =
        update.kind() == ReferenceUpdate.Kind.SOUP ? firstReference : inForce.scoring().reference();
    DecoderWeights mixed;
    try (var base = bench.exchange().borrow(old);
        DecoderWeights policy = trainer.current().merged()) {
      mixed = Soup.of(List.of(base.weights(), policy), 1 - update.rate(), update.rate());
    }
    PolicyVersion reference = version(stepsDone, mixed.digest());
    shelf.put(reference, mixed);
    ScoringModels scoring = inForce.scoring();
    var versions = new VersionSet(stepsDone, inForce.policy(), scoring.withReference(reference));
    shelf.need(versions);
    shelf.keep(firstReference);
    return versions;
  }

  @Override
  public Runnable save(long stepsDone) {
    Consumer<Path> files =
        new CourseSnapshot(bench, trainer, objective.memories(), firstReference)
            .take(
                plan,
                stepsDone,
                settings.lora().isPresent(),
                stepsDone == plan.steps() || plan.frozen() ? List.of() : shelf.needed());
    Consumer<Path> description = objective.description();
    Consumer<Path> measure = retention.describe(stepsDone);
    CheckpointStore store = bench.store(plan.name());
    return () -> {
      store.write(stepsDone, files.andThen(description).andThen(measure));
      retention.prune();
    };
  }

  @Override
  public void assist(long stepsDone) {
    if (stepsDone < plan.steps()) {
      trainer.assist();
      objective.memories().forEach(Memory::assist);
    }
  }

  @Override
  public void abandon(String reason) {
    bench.circle().ifPresent(circle -> circle.abandon(reason));
  }

  @Override
  public VersionSet conclude() {
    DecoderWeights result;
    if (finished != null) {
      result = finished.copy();
    } else {
      if (plan.steps() == 0) {
        save(0).run();
      }
      result = trainer.current().merged();
    }
    PolicyVersion version = version(plan.steps(), result.digest());
    shelf.put(version, result);
    inForce = new VersionSet(plan.steps(), version, ScoringModels.NONE);
    return inForce;
  }

  @Override
  public void close() {
    bench.circle().ifPresent(Circle::close); // before the memory that it gives from is freed
    shelf.close();
    objective.memories().forEach(Memory::close);
    if (trainer != null) {
      trainer.close();
      trainer = null;
    }
    if (finished != null) {
      finished.close();
      finished = null;
    }
  }
}
