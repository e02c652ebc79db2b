package dev.troupe.actors.wire;

import dev.troupe.actors.journal.Decision;
import java.util.List;

/** The codecs of what the journal holds. */
final class DecisionCodecs {
  private DecisionCodecs() {}

  static List<Codec<?>> all() {
    return List.of(
        new Codec<>(
            "run-begun",
            Decision.RunBegun.class,
            (w, it) -> {
              w.text(it.run());
              w.text(it.settings());
            },
            r -> new Decision.RunBegun(r.text(), r.text())),
        new Codec<>(
            "stage-opened",
            Decision.StageOpened.class,
            (w, it) -> {
              w.count(it.epoch());
              w.text(it.stage());
              Values.versions(w, it.inForce());
            },
            r -> new Decision.StageOpened(r.size(), r.text(), Values.versions(r))),
        new Codec<>(
            "step-trained",
            Decision.StepTrained.class,
            (w, it) -> {
              w.text(it.stage());
              w.list(it.tickets(), Values::ticketId);
              Values.versions(w, it.inForce());
              w.decimal(it.loss());
            },
            r ->
                new Decision.StepTrained(
                    r.text(), r.list(Values::ticketId), Values.versions(r), r.decimal())),
        new Codec<>(
            "checkpoint-saved",
            Decision.CheckpointSaved.class,
            (w, it) -> {
              w.text(it.stage());
              w.count(it.stepsDone());
              w.count(it.replayFrom());
            },
            r -> new Decision.CheckpointSaved(r.text(), r.count(), r.count())),
        new Codec<>(
            "stage-concluded",
            Decision.StageConcluded.class,
            (w, it) -> {
              w.text(it.stage());
              Values.versions(w, it.inForce());
            },
            r -> new Decision.StageConcluded(r.text(), Values.versions(r))),
        new Codec<>(
            "run-ended",
            Decision.RunEnded.class,
            (w, it) -> NodeCodecs.outcome(w, it.outcome()),
            r -> new Decision.RunEnded(NodeCodecs.outcome(r))));
  }
}
