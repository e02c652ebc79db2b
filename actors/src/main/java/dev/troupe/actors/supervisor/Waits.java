package dev.troupe.actors.supervisor;

import akka.actor.typed.javadsl.TimerScheduler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything the run waits for at this moment, each with a timer: there is no other way for the
 * supervisor to wait.
 */
final class Waits {
  private final TimerScheduler<SupervisorCommand> timers;
  private final Clock clock;
  private final Map<WaitKey, Wait> open = new LinkedHashMap<>();

  Waits(TimerScheduler<SupervisorCommand> timers, Clock clock) {
    this.timers = timers;
    this.clock = clock;
  }

  /** Begins a wait, or begins it anew. */
  void open(WaitKey key, String what, Duration patience, String onExpiry) {
    Instant now = clock.instant();
    open.put(key, new Wait(what, now, now.plus(patience), onExpiry));
    timers.startSingleTimer(key, new SupervisorCommand.Expired(key), patience);
  }

  /** Says what a wait is for by now; its deadline stays. */
  void rename(WaitKey key, String what) {
    open.computeIfPresent(
        key, (it, wait) -> new Wait(what, wait.since(), wait.deadline(), wait.onExpiry()));
  }

  void close(WaitKey key) {
    if (open.remove(key) != null) {
      timers.cancel(key);
    }
  }

  Optional<Wait> find(WaitKey key) {
    return Optional.ofNullable(open.get(key));
  }

  boolean isOpen(WaitKey key) {
    return open.containsKey(key);
  }

  /** Ends a wait whose timer rang; empty when it was closed while the message was on its way. */
  Optional<Wait> expire(WaitKey key) {
    return Optional.ofNullable(open.remove(key));
  }

  List<Wait> list() {
    return List.copyOf(open.values());
  }

  void clear() {
    open.keySet().forEach(timers::cancel);
    open.clear();
  }
}
