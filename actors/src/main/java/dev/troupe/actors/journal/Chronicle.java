package dev.troupe.actors.journal;

import dev.troupe.actors.protocol.VersionSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the decisions of a run come to: the state that the supervisor has again after a restart.
 *
 * @param begun how the run began; empty before it did
 * @param results the versions that each finished stage ended with, by its name
 * @param stages what is known of those that were opened and are not finished, by their names
 */
public record Chronicle(
    Optional<Decision.RunBegun> begun,
    Map<String, VersionSet> results,
    Map<String, StageChronicle> stages) {

  /** Before the first decision. */
  public static final Chronicle EMPTY = new Chronicle(Optional.empty(), Map.of(), Map.of());

  /** Copies the maps. */
  public Chronicle {
    results = Map.copyOf(results);
    stages = Map.copyOf(stages);
  }

  /** What is known of a stage that is under way. */
  public Optional<StageChronicle> of(String stage) {
    return Optional.ofNullable(stages.get(stage));
  }

  /** Whether a step came to exactly this before. */
  public boolean knows(Decision.StepTrained step) {
    return of(step.stage()).filter(it -> it.isKnown(step.inForce(), step.loss())).isPresent();
  }

  /**
   * The oldest checkpoint of a stage that the run may have to go back to after one more was
   * written, in steps done.
   *
   * @param kept how many of the newest ones stay
   */
  public long replayFrom(String stage, long stepsDone, int kept) {
    return of(stage).map(it -> it.replayFrom(stepsDone, kept)).orElse(stepsDone);
  }

  /** Digests of the weights that the finished stages ended with, by stage. */
  public Map<String, String> digests() {
    return results.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, it -> it.getValue().policy().digest()));
  }

  /** The same after one more decision. */
  public Chronicle with(Decision decision) {
    if (decision instanceof Decision.RunBegun first) {
      return new Chronicle(Optional.of(first), results, stages);
    }
    if (decision instanceof Decision.StageOpened opened) {
      return with(
          of(opened.stage())
              .map(it -> it.reopened(opened.inForce()))
              .orElseGet(() -> StageChronicle.begun(opened.stage(), opened.inForce())));
    }
    if (decision instanceof Decision.StepTrained trained) {
      return with(open(trained.stage()).trained(trained.inForce(), trained.loss()));
    }
    if (decision instanceof Decision.CheckpointSaved saved) {
      return with(open(saved.stage()).saved(saved.stepsDone(), saved.replayFrom()));
    }
    if (decision instanceof Decision.StageConcluded concluded) {
      var finished = new HashMap<>(results);
      finished.put(concluded.stage(), concluded.inForce());
      var others = new HashMap<>(stages);
      others.remove(concluded.stage());
      return new Chronicle(begun, finished, others);
    }
    return this; // That a run has ended says nothing about how far it is.
  }

  private Chronicle with(StageChronicle next) {
    var all = new HashMap<>(stages);
    all.put(next.name(), next);
    return new Chronicle(begun, results, all);
  }

  private StageChronicle open(String stage) {
    return of(stage)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the journal goes on with stage " + stage + ", which was not opened"));
  }
}
