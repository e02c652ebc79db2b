package dev.troupe.actors.simulation;

import akka.actor.AbstractScheduler;
import akka.actor.Cancellable;
import com.typesafe.config.Config;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import scala.concurrent.ExecutionContext;
import scala.concurrent.duration.FiniteDuration;

/**
 * A clock and all that is to happen, in the order in which it is due and, at one moment, in the
 * order in which it was asked for. One thread lets it pass; others may ask only while an actor
 * system starts.
 */
final class VirtualTime {
  private record Event(long atNanos, long number, Entry entry) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  /** Something that is to happen unless it is cancelled before. */
  static final class Entry implements Cancellable {
    private Runnable task;

    private Entry(Runnable task) {
      this.task = task;
    }

    @Override
    public boolean cancel() {
      boolean isFirst = task != null;
      task = null;
      return isFirst;
    }

    @Override
    public boolean isCancelled() {
      return task == null;
    }

    private void run() {
      Runnable now = task;
      task = null;
      if (now != null) {
        now.run();
      }
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Queue<Runnable> ready = new ConcurrentLinkedQueue<>();
  private long nowNanos;
  private long number;

  /** Time since the beginning. */
  Duration now() {
    return Duration.ofNanos(nowNanos);
  }

  /** Runs a task now, behind all that are to run now already. */
  void ready(Runnable task) {
    ready.add(task);
  }

  /** Runs a task after a while. */
  synchronized Entry after(Duration delay, Runnable task) {
    var entry = new Entry(task);
    events.add(new Event(nowNanos + Math.max(0, delay.toNanos()), number++, entry));
    return entry;
  }

  /**
   * Lets time pass until a condition holds.
   *
   * @param most how much time, at most
   * @return whether the condition holds
   */
  boolean passUntil(BooleanSupplier isReached, Duration most) {
    long end = nowNanos + most.toNanos();
    while (true) {
      for (Runnable task = ready.poll(); task != null; task = ready.poll()) {
        task.run();
      }
      if (isReached.getAsBoolean()) {
        return true;
      }
      Event next = next(end);
      if (next == null) {
        nowNanos = end;
        return false;
      }
      nowNanos = next.atNanos();
      next.entry().run();
    }
  }

  private synchronized Event next(long end) {
    Event next = events.peek();
    return next == null || next.atNanos() > end ? null : events.remove();
  }

  /** Runs what is due at this moment. */
  void settle() {
    passUntil(() -> false, Duration.ZERO);
  }

  /** The same time for those who ask for the time of day; it begins with 1970. */
  Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return Instant.EPOCH.plusNanos(nowNanos);
      }
    };
  }

  /** What Akka schedules with in a simulated world; made by Akka, by name. */
  public static final class Scheduler extends AbstractScheduler {
    private static final double PER_SECOND = 1e9;
    private final World world;

    /** Called by Akka. */
    public Scheduler(
        Config config, akka.event.LoggingAdapter log, java.util.concurrent.ThreadFactory threads) {
      this.world = World.of(config);
    }

    @Override
    @SuppressWarnings("deprecation") // The base class asks for it.
    public Cancellable schedule(
        FiniteDuration first, FiniteDuration interval, Runnable task, ExecutionContext executor) {
      throw new UnsupportedOperationException("the actors use timers with a fixed delay");
    }

    @Override
    public Cancellable scheduleOnce(
        FiniteDuration delay, Runnable task, ExecutionContext executor) {
      return world
          .time()
          .after(
              Duration.ofNanos(delay.toNanos()), () -> world.outside(() -> executor.execute(task)));
    }

    @Override
    public double maxFrequency() {
      return PER_SECOND;
    }
  }
}
