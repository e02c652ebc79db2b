package dev.troupe.actors.wire;

import dev.troupe.actors.learner.CrewCommand;
import dev.troupe.actors.learner.Studio;
import dev.troupe.actors.supervisor.Remedy;
import java.util.List;

/** The codecs of what learners say to each other. */
final class CrewCodecs {
  private CrewCodecs() {}

  static List<Codec<?>> all() {
    return List.of(
        new Codec<>(
            "c.enlist",
            CrewCommand.Enlist.class,
            (w, it) -> {
              w.text(it.crew());
              w.ref(it.lead());
            },
            r -> new CrewCommand.Enlist(r.text(), r.ref())),
        new Codec<>(
            "c.enlisted",
            CrewCommand.Enlisted.class,
            (w, it) -> {
              w.text(it.crew());
              w.ref(it.follower());
              w.text(it.endpoint());
            },
            r -> new CrewCommand.Enlisted(r.text(), r.ref(), r.text())),
        new Codec<>(
            "c.begin",
            CrewCommand.Begin.class,
            (w, it) -> {
              w.text(it.seat().crew());
              w.count(it.seat().epoch());
              w.list(it.seat().endpoints(), WireWriter::text);
              w.count(it.seat().rank());
              w.text(it.stage());
            },
            r ->
                new CrewCommand.Begin(
                    new Studio.Seat(r.text(), r.size(), r.list(WireReader::text), r.size()),
                    r.text())),
        new Codec<>(
            "c.begun",
            CrewCommand.Begun.class,
            (w, it) -> {
              w.text(it.crew());
              w.count(it.rank());
              w.text(it.digest());
            },
            r -> new CrewCommand.Begun(r.text(), r.size(), r.text())),
        new Codec<>(
            "c.study",
            CrewCommand.Study.class,
            (w, it) -> {
              w.text(it.crew());
              w.count(it.step());
              w.count(it.part());
              w.count(it.parts());
              w.list(it.groups(), Values::scored);
            },
            r ->
                new CrewCommand.Study(
                    r.text(), r.count(), r.size(), r.size(), r.list(Values::scored))),
        new Codec<>(
            "c.noted",
            CrewCommand.Noted.class,
            (w, it) -> {
              w.text(it.crew());
              w.count(it.rank());
              w.count(it.step());
              w.count(it.part());
            },
            r -> new CrewCommand.Noted(r.text(), r.size(), r.count(), r.size())),
        new Codec<>(
            "c.studied",
            CrewCommand.Studied.class,
            (w, it) -> {
              w.text(it.crew());
              w.count(it.rank());
              w.count(it.step());
              w.text(it.digest());
            },
            r -> new CrewCommand.Studied(r.text(), r.size(), r.count(), r.text())),
        new Codec<>(
            "c.assist",
            CrewCommand.Assist.class,
            (w, it) -> {
              w.text(it.crew());
              w.count(it.stepsDone());
            },
            r -> new CrewCommand.Assist(r.text(), r.count())),
        new Codec<>(
            "c.assisting",
            CrewCommand.Assisting.class,
            (w, it) -> {
              w.text(it.crew());
              w.count(it.rank());
              w.count(it.stepsDone());
            },
            r -> new CrewCommand.Assisting(r.text(), r.size(), r.count())),
        new Codec<>(
            "c.faltered",
            CrewCommand.Faltered.class,
            (w, it) -> {
              w.text(it.crew());
              w.count(it.rank());
              w.text(it.cause());
              w.byteValue(it.remedy().ordinal());
            },
            r -> new CrewCommand.Faltered(r.text(), r.size(), r.text(), r.choice(Remedy.class))),
        new Codec<>(
            "c.dismiss",
            CrewCommand.Dismiss.class,
            (w, it) -> w.text(it.crew()),
            r -> new CrewCommand.Dismiss(r.text())));
  }
}
