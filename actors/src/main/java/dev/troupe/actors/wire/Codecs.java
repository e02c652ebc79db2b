package dev.troupe.actors.wire;

import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.actors.supervisor.Wait;
import dev.troupe.actors.supervisor.WaitList;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The codec of every message that crosses nodes. */
final class Codecs {
  private Codecs() {}

  static List<Codec<?>> all() {
    var all = new ArrayList<Codec<?>>();
    all.addAll(supervisor());
    all.addAll(generator());
    all.addAll(experience());
    all.addAll(learner());
    all.addAll(CrewCodecs.all());
    all.addAll(NodeCodecs.all());
    return all;
  }

  private static List<Codec<?>> supervisor() {
    return List.of(
        new Codec<>(
            "s.request-work",
            SupervisorCommand.RequestWork.class,
            (w, it) -> {
              w.text(it.generator());
              w.ref(it.replyTo());
              w.count(it.ask());
              w.optional(it.held(), Values::version);
              w.optional(it.finished(), Values::unitId);
            },
            r ->
                new SupervisorCommand.RequestWork(
                    r.text(),
                    r.ref(),
                    r.count(),
                    r.optional(Values::version),
                    r.optional(Values::unitId))),
        new Codec<>(
            "s.unit-lost",
            SupervisorCommand.UnitLost.class,
            (w, it) -> {
              Values.unitId(w, it.unit());
              w.text(it.generator());
              w.text(it.cause());
            },
            r -> new SupervisorCommand.UnitLost(Values.unitId(r), r.text(), r.text())),
        new Codec<>(
            "s.unit-stranded",
            SupervisorCommand.UnitStranded.class,
            (w, it) -> {
              Values.unitId(w, it.unit());
              w.text(it.generator());
            },
            r -> new SupervisorCommand.UnitStranded(Values.unitId(r), r.text())),
        new Codec<>(
            "s.group-ready",
            SupervisorCommand.GroupReady.class,
            (w, it) -> {
              Values.facts(w, it.facts());
              w.count(it.opening());
              w.ref(it.replyTo());
            },
            r -> new SupervisorCommand.GroupReady(Values.facts(r), r.count(), r.ref())),
        new Codec<>(
            "s.groups-recalled",
            SupervisorCommand.GroupsRecalled.class,
            (w, it) -> {
              w.count(it.ask());
              w.list(it.groups(), Values::facts);
            },
            r -> new SupervisorCommand.GroupsRecalled(r.count(), r.list(Values::facts))),
        new Codec<>(
            "s.stage-opened",
            SupervisorCommand.StageOpened.class,
            (w, it) -> {
              w.count(it.order());
              w.text(it.stage());
              w.list(it.inForce(), Values::versions);
              w.ref(it.experience());
            },
            r ->
                new SupervisorCommand.StageOpened(
                    r.count(), r.text(), r.list(Values::versions), r.ref())),
        new Codec<>(
            "s.trained",
            SupervisorCommand.Trained.class,
            (w, it) -> {
              w.count(it.order());
              w.text(it.stage());
              w.count(it.step());
              Values.result(w, it.result());
            },
            r -> new SupervisorCommand.Trained(r.count(), r.text(), r.count(), Values.result(r))),
        new Codec<>(
            "s.saved",
            SupervisorCommand.Saved.class,
            (w, it) -> {
              w.count(it.order());
              w.text(it.stage());
              w.count(it.stepsDone());
            },
            r -> new SupervisorCommand.Saved(r.count(), r.text(), r.count())),
        new Codec<>(
            "s.stage-concluded",
            SupervisorCommand.StageConcluded.class,
            (w, it) -> {
              w.count(it.order());
              w.text(it.stage());
              Values.versions(w, it.inForce());
            },
            r -> new SupervisorCommand.StageConcluded(r.count(), r.text(), Values.versions(r))),
        new Codec<>(
            "s.order-failed",
            SupervisorCommand.OrderFailed.class,
            (w, it) -> {
              w.count(it.order());
              w.text(it.cause());
              w.byteValue(it.remedy().ordinal());
            },
            r -> new SupervisorCommand.OrderFailed(r.count(), r.text(), r.choice(Remedy.class))),
        new Codec<>(
            "s.role-failed",
            SupervisorCommand.RoleFailed.class,
            (w, it) -> {
              w.text(it.role());
              w.text(it.cause());
              w.byteValue(it.remedy().ordinal());
            },
            r -> new SupervisorCommand.RoleFailed(r.text(), r.text(), r.choice(Remedy.class))),
        new Codec<>(
            "s.ask-waits",
            SupervisorCommand.AskWaits.class,
            (w, it) -> w.ref(it.replyTo()),
            r -> new SupervisorCommand.AskWaits(r.ref())),
        new Codec<>(
            "s.waits",
            WaitList.class,
            (w, it) ->
                w.list(
                    it.waits(),
                    (out, wait) -> {
                      out.text(wait.what());
                      out.fixed(wait.since().toEpochMilli());
                      out.fixed(wait.deadline().toEpochMilli());
                      out.text(wait.onExpiry());
                    }),
            r ->
                new WaitList(
                    r.list(
                        in ->
                            new Wait(
                                in.text(),
                                Instant.ofEpochMilli(in.fixed()),
                                Instant.ofEpochMilli(in.fixed()),
                                in.text())))),
        new Codec<>(
            "s.stop",
            SupervisorCommand.Stop.class,
            (w, it) -> {
              w.text(it.reason());
              w.count(it.grace().toMillis());
            },
            r -> new SupervisorCommand.Stop(r.text(), Duration.ofMillis(r.count()))),
        new Codec<>(
            "s.retired",
            SupervisorCommand.Retired.class,
            (w, it) -> {
              w.text(it.generator());
              w.optional(it.finished(), Values::unitId);
            },
            r -> new SupervisorCommand.Retired(r.text(), r.optional(Values::unitId))));
  }

  private static List<Codec<?>> generator() {
    return List.of(
        new Codec<>(
            "g.grant",
            Generator.Grant.class,
            (w, it) -> {
              w.count(it.ask());
              Values.unit(w, it.unit());
              w.ref(it.experience());
            },
            r -> new Generator.Grant(r.count(), Values.unit(r), r.ref())),
        new Codec<>(
            "g.adopt",
            Generator.Adopt.class,
            (w, it) -> {
              w.count(it.ask());
              Values.version(w, it.version());
            },
            r -> new Generator.Adopt(r.count(), Values.version(r))),
        new Codec<>(
            "g.received",
            Generator.Received.class,
            (w, it) -> Values.unitId(w, it.unit()),
            r -> new Generator.Received(Values.unitId(r))));
  }

  private static List<Codec<?>> experience() {
    return List.of(
        new Codec<>(
            "e.groups-decoded",
            Experience.GroupsDecoded.class,
            (w, it) -> {
              Values.part(w, it.part());
              w.ref(it.replyTo());
            },
            r -> new Experience.GroupsDecoded(Values.part(r), r.ref())),
        new Codec<>(
            "e.group-rewarded",
            Experience.GroupRewarded.class,
            (w, it) -> {
              Values.unitId(w, it.unit());
              Values.rewards(w, it.part());
            },
            r -> new Experience.GroupRewarded(Values.unitId(r), Values.rewards(r))),
        new Codec<>(
            "e.group-referenced",
            Experience.GroupReferenced.class,
            (w, it) -> {
              Values.unitId(w, it.unit());
              Values.reference(w, it.part());
            },
            r -> new Experience.GroupReferenced(Values.unitId(r), Values.reference(r))),
        new Codec<>(
            "e.unscored",
            Experience.Unscored.class,
            (w, it) -> {
              Values.unitId(w, it.unit());
              w.text(it.cause());
              w.byteValue(it.remedy().ordinal());
            },
            r -> new Experience.Unscored(Values.unitId(r), r.text(), r.choice(Remedy.class))),
        new Codec<>(
            "e.given-back",
            Experience.GivenBack.class,
            (w, it) -> Values.unitId(w, it.unit()),
            r -> new Experience.GivenBack(Values.unitId(r))),
        new Codec<>(
            "e.noted",
            Experience.Noted.class,
            (w, it) -> Values.ticketId(w, it.ticket()),
            r -> new Experience.Noted(Values.ticketId(r))),
        new Codec<>(
            "e.recall",
            Experience.Recall.class,
            (w, it) -> {
              w.count(it.ask());
              w.list(it.tickets(), Values::ticket);
              w.ref(it.replyTo());
            },
            r -> new Experience.Recall(r.count(), r.list(Values::ticket), r.ref())),
        new Codec<>(
            "e.release",
            Experience.Release.class,
            (w, it) -> {
              w.text(it.phase());
              w.count(it.before());
            },
            r -> new Experience.Release(r.text(), r.count())),
        new Codec<>(
            "e.shown",
            Experience.Shown.class,
            (w, it) -> Values.ticketId(w, it.ticket()),
            r -> new Experience.Shown(Values.ticketId(r))),
        new Codec<>(
            "rw.score",
            Reward.Score.class,
            (w, it) -> {
              Values.part(w, it.part());
              w.ref(it.replyTo());
            },
            r -> new Reward.Score(Values.part(r), r.ref())),
        new Codec<>(
            "rf.score",
            Reference.Score.class,
            (w, it) -> {
              Values.part(w, it.part());
              w.ref(it.replyTo());
            },
            r -> new Reference.Score(Values.part(r), r.ref())),
        new Codec<>(
            "rc.completion",
            Recorder.CompletionTaken.class,
            (w, it) -> {
              Values.scored(w, it.group());
              w.ref(it.replyTo());
            },
            r -> new Recorder.CompletionTaken(Values.scored(r), r.ref())));
  }

  private static List<Codec<?>> learner() {
    return List.of(
        new Codec<>(
            "l.open",
            Learner.Open.class,
            (w, it) -> {
              w.count(it.number());
              w.text(it.stage());
              w.list(it.followers(), WireWriter::ref);
              w.ref(it.replyTo());
            },
            r -> new Learner.Open(r.count(), r.text(), r.list(WireReader::ref), r.ref())),
        new Codec<>(
            "l.train",
            Learner.Train.class,
            (w, it) -> {
              w.count(it.number());
              w.text(it.stage());
              w.count(it.step());
              w.list(it.tickets(), Values::ticketId);
              w.optional(it.doneBefore(), Values::ticketId);
              w.ref(it.replyTo());
            },
            r ->
                new Learner.Train(
                    r.count(),
                    r.text(),
                    r.count(),
                    r.list(Values::ticketId),
                    r.optional(Values::ticketId),
                    r.ref())),
        new Codec<>(
            "l.save",
            Learner.Save.class,
            (w, it) -> {
              w.count(it.number());
              w.text(it.stage());
              w.count(it.stepsDone());
              w.ref(it.replyTo());
            },
            r -> new Learner.Save(r.count(), r.text(), r.count(), r.ref())),
        new Codec<>(
            "l.conclude",
            Learner.Conclude.class,
            (w, it) -> {
              w.count(it.number());
              w.text(it.stage());
              w.ref(it.replyTo());
            },
            r -> new Learner.Conclude(r.count(), r.text(), r.ref())));
  }
}
