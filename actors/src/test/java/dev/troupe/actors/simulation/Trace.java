package dev.troupe.actors.simulation;

import akka.actor.ActorPath;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** What arrived where and when, as one number, and the last of it for people. */
final class Trace {
  private static final int KEPT = 200;
  private static final long PRIME = 0x100000001b3L;

  private final Deque<String> last = new ArrayDeque<>();
  private long hash = 0xcbf29ce484222325L;
  private long count;

  void add(Duration now, ActorPath receiver, Object message) {
    count++;
    long line = now.toNanos() * 31 + receiver.toStringWithoutAddress().hashCode();
    hash = (hash ^ (line * 31 + message.getClass().getSimpleName().hashCode())) * PRIME;
    if (last.size() == KEPT) {
      last.remove();
    }
    last.add(now + " " + receiver.name() + " " + message.getClass().getSimpleName());
  }

  /** The same for the same arrivals in the same order. */
  long hash() {
    return hash;
  }

  long count() {
    return count;
  }

  @Override
  public String toString() {
    return String.join("\n", last);
  }
}
