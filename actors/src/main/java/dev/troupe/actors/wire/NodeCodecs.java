package dev.troupe.actors.wire;

import dev.troupe.actors.node.Applicant;
import dev.troupe.actors.node.Door;
import dev.troupe.actors.node.Office;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.weights.Holders;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The codecs of what nodes tell each other beside their roles: admission, the end, weights held.
 */
final class NodeCodecs {
  private static final int COMPLETED = 0;
  private static final int STOPPED = 1;
  private static final int PAUSED = 2;

  private NodeCodecs() {}

  static List<Codec<?>> all() {
    return List.of(
        new Codec<>(
            "d.apply",
            Door.Apply.class,
            (w, it) -> {
              w.text(it.applicant().node());
              w.list(
                  new TreeSet<>(it.applicant().roles()),
                  (out, role) -> out.byteValue(role.ordinal()));
              w.text(it.applicant().program());
              w.text(it.applicant().secret());
              w.text(it.applicant().settings());
              w.ref(it.replyTo());
            },
            r ->
                new Door.Apply(
                    new Applicant(
                        r.text(),
                        Set.copyOf(r.list(in -> in.choice(Role.class))),
                        r.text(),
                        r.text(),
                        r.text()),
                    r.ref())),
        new Codec<>(
            "d.admitted",
            Door.Admitted.class,
            (w, it) -> {
              w.text(it.run());
              w.count(it.epoch());
              w.ref(it.supervisor());
              w.ref(it.recorder());
            },
            r -> new Door.Admitted(r.text(), r.size(), r.ref(), r.ref())),
        new Codec<>(
            "d.refused",
            Door.Refused.class,
            (w, it) -> w.text(it.reason()),
            r -> new Door.Refused(r.text())),
        new Codec<>(
            "d.run-over",
            Door.RunOver.class,
            (w, it) -> {
              outcome(w, it.outcome());
              w.ref(it.replyTo());
            },
            r -> new Door.RunOver(outcome(r), r.ref())),
        new Codec<>(
            "d.goodbye",
            Door.Goodbye.class,
            (w, it) -> w.text(it.node()),
            r -> new Door.Goodbye(r.text())),
        new Codec<>(
            "o.stop",
            Office.Stop.class,
            (w, it) -> {
              w.text(it.reason());
              w.count(it.grace().toMillis());
            },
            r -> new Office.Stop(r.text(), Duration.ofMillis(r.count()))),
        new Codec<>(
            "h.told",
            Holders.Told.class,
            (w, it) -> {
              w.text(it.word().node());
              w.text(it.word().endpoint());
              w.count(it.word().edition());
              w.list(
                  it.word().versions(),
                  (out, held) -> {
                    Values.version(out, held.version());
                    out.flag(held.isPublisher());
                  });
              w.ref(it.from());
            },
            r ->
                new Holders.Told(
                    new Holders.Holds(
                        r.text(),
                        r.text(),
                        r.count(),
                        r.list(in -> new Holders.Held(Values.version(in), in.flag()))),
                    r.ref())));
  }

  static void outcome(WireWriter w, RunOutcome outcome) {
    if (outcome instanceof RunOutcome.Completed completed) {
      w.byteValue(COMPLETED);
      w.list(
          new TreeMap<>(completed.digests()).entrySet(),
          (out, entry) -> {
            out.text(entry.getKey());
            out.text(entry.getValue());
          });
    } else if (outcome instanceof RunOutcome.Paused paused) {
      w.byteValue(PAUSED);
      w.text(paused.sentence());
    } else {
      w.byteValue(STOPPED);
      w.text(((RunOutcome.Stopped) outcome).cause());
    }
  }

  static RunOutcome outcome(WireReader r) {
    int kind = r.byteValue();
    if (kind == STOPPED) {
      return new RunOutcome.Stopped(r.text());
    }
    if (kind == PAUSED) {
      return new RunOutcome.Paused(r.text());
    }
    if (kind != COMPLETED) {
      throw new IllegalArgumentException("no outcome of a run has number " + kind);
    }
    var digests = new LinkedHashMap<String, String>();
    int size = r.size();
    for (int i = 0; i < size; i++) {
      digests.put(r.text(), r.text());
    }
    return new RunOutcome.Completed(digests);
  }
}
