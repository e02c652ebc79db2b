package dev.troupe.actors.page;

import dev.troupe.actors.supervisor.Wait;
import dev.troupe.runtime.record.ReadableNumbers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A wait that has used up much of its patience.
 *
 * @param sentence what is waited for, and since when
 * @param advice what happens next
 */
record Stall(String sentence, String advice) {
  /** Share of a wait's patience after which it is worth a person's attention. */
  static final double SHARE = 0.5;

  /** Shorter waits than this are ordinary, whatever their patience. */
  static final Duration LEAST = Duration.ofSeconds(10);

  /** The waits that stall at a moment, in their order. */
  static List<Stall> of(List<Wait> waits, Instant now) {
    return waits.stream().filter(wait -> isStalled(wait, now)).map(Stall::of).toList();
  }

  private static boolean isStalled(Wait wait, Instant now) {
    Duration waited = Duration.between(wait.since(), now);
    Duration patience = Duration.between(wait.since(), wait.deadline());
    return waited.compareTo(LEAST) > 0 && waited.toMillis() > SHARE * patience.toMillis();
  }

  private static Stall of(Wait wait) {
    double patience = Duration.between(wait.since(), wait.deadline()).toMillis() / 1e3;
    return new Stall(
        "The run has been waiting for %s since %s, more than half of the %s it may take."
            .formatted(wait.what(), wait.since(), ReadableNumbers.duration(patience)),
        "At %s %s. The log of the run and the load of the machine may say why."
            .formatted(wait.deadline(), wait.onExpiry()));
  }
}
