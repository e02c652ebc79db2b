package dev.troupe.actors.journal;

import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.stage.StagePlan;
import java.util.List;
import java.util.Optional;

/** Compares what the learner reports with what the journal has, and says so in a sentence. */
public final class Objections {
  private static final String AWAY = "or give this run another name or directory to start it anew";

  private Objections() {}

  /** Why a journal is not that of this run, if so. */
  public static Optional<String> toRun(Chronicle chronicle, Decision.RunBegun run) {
    return chronicle
        .begun()
        .filter(begun -> !begun.settings().equals(run.settings()))
        .map(
            begun ->
                "The journal belongs to run %s with other settings (digest %s, not %s); put back the folder journal that belongs here, %s."
                    .formatted(begun.run(), begun.settings(), run.settings(), AWAY));
  }

  /**
   * Why a stage cannot be taken up where its checkpoint left it, if so.
   *
   * @param inForce the versions that the learner found, oldest first
   */
  public static Optional<String> toOpening(
      Chronicle chronicle, StagePlan stage, List<VersionSet> inForce) {
    long found = inForce.get(inForce.size() - 1).step();
    boolean isDone = chronicle.results().containsKey(stage.name());
    Optional<StageChronicle> known = chronicle.of(stage.name());
    long trained = isDone ? stage.steps() : known.map(StageChronicle::trained).orElse(0L);
    if (found > trained) {
      return Optional.of(
          "Stage %s has a checkpoint of step %d, but the journal knows of %d steps only; put back the folder journal that belongs here, %s."
              .formatted(stage.name(), found, trained, AWAY));
    }
    long saved = saved(chronicle, stage);
    // A stage of a single step is simply done again.
    if (found == 0 && saved > 0 && stage.steps() > 1) {
      return Optional.of(
          "The journal says that step %d of stage %s was saved, but there is no checkpoint of the stage; put back the folder checkpoints, %s."
              .formatted(saved, stage.name(), AWAY));
    }
    return known.flatMap(
        it -> inForce.stream().flatMap(set -> toVersions(it, stage, set).stream()).findFirst());
  }

  /** Steps of the newest checkpoint that the journal knows of. */
  private static long saved(Chronicle chronicle, StagePlan stage) {
    return chronicle.results().containsKey(stage.name())
        ? stage.steps()
        : chronicle.of(stage.name()).stream()
            .flatMap(it -> it.saved().stream())
            .reduce(0L, Math::max);
  }

  /**
   * What a person should know of a stage that goes on from an older checkpoint than the newest, if
   * it does.
   *
   * @param found steps of the checkpoint that it goes on from
   */
  public static Optional<String> fallback(Chronicle chronicle, StagePlan stage, long found) {
    long saved = saved(chronicle, stage);
    return found >= saved
        ? Optional.empty()
        : Optional.of(
            "Stage %s goes on from its checkpoint of step %d, because that of step %d is damaged or missing; the steps between are trained again and must come to the same."
                .formatted(stage.name(), found, saved));
  }

  private static Optional<String> toVersions(
      StageChronicle known, StagePlan stage, VersionSet found) {
    StageChronicle.Mark mark = known.marks().get(found.step());
    // The weights that a stage ends with have their adapters merged, which is another digest.
    if (mark == null || found.step() == stage.steps()) {
      return Optional.empty();
    }
    return StageChronicle.difference(mark.inForce(), found)
        .map(
            difference ->
                "The checkpoint of step %d of stage %s has %s; put back the checkpoint that belongs here, %s."
                    .formatted(found.step(), stage.name(), difference, AWAY));
  }

  /** In what a step that was trained again differs from the first time, if it does. */
  public static Optional<String> toStep(Chronicle chronicle, Decision.StepTrained trained) {
    long step = trained.inForce().step();
    return chronicle
        .of(trained.stage())
        .map(it -> it.marks().get(step))
        .flatMap(mark -> StageChronicle.difference(mark, trained.inForce(), trained.loss()))
        .map(
            difference ->
                again("Step %d of stage %s".formatted(step, trained.stage()), difference));
  }

  /** In what the result of a stage differs from what it was before, if it does. */
  public static Optional<String> toResult(Chronicle chronicle, String stage, VersionSet inForce) {
    return Optional.ofNullable(chronicle.results().get(stage))
        .flatMap(before -> StageChronicle.difference(before, inForce))
        .map(difference -> again("Stage " + stage, difference));
  }

  private static String again(String what, String difference) {
    return "%s, done again after a restart, came to %s: the machine, the program or the data are not what they were. Go on where the run was before, or accept the other result by adding journal.differences=accept to the command."
        .formatted(what, difference);
  }
}
