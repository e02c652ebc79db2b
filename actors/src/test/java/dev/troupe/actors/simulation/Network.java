package dev.troupe.actors.simulation;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * The ways between nodes. Messages of one node to another keep their order, as Akka promises; they
 * may be lost, and are lost between nodes that are parted or when one of the two is gone.
 */
final class Network {
  private static final Duration SHORTEST = Duration.ofNanos(200_000);
  private static final Duration SPREAD = Duration.ofMillis(3);

  private final SplittableRandom random;
  private final VirtualTime time;
  private final Set<String> gone = new HashSet<>();
  private final Map<String, Long> lastArrival = new HashMap<>();
  private Predicate<String> isAside = node -> false;
  private double loss;
  private long lost;

  Network(long seed, VirtualTime time) {
    this.random = new SplittableRandom(seed);
    this.time = time;
  }

  /** Share of messages that are lost. */
  void lose(double share) {
    loss = share;
  }

  /** Parts the nodes that a rule names from the others. */
  void part(Predicate<String> aside) {
    isAside = aside;
  }

  /** Lets all nodes that are there reach each other again. */
  void heal() {
    isAside = node -> false;
  }

  /** Takes a node off for ever. */
  void cut(String node) {
    gone.add(node);
  }

  boolean isCut(String from, String to) {
    return gone.contains(from) || gone.contains(to) || isAside.test(from) != isAside.test(to);
  }

  /** Messages that did not arrive. */
  long lost() {
    return lost;
  }

  /** After how long a message arrives: once or, if it is lost, never. */
  List<Duration> delays(String from, String to, Object message) {
    if (isCut(from, to) || random.nextDouble() < loss) {
      lost++;
      return List.of();
    }
    long now = time.now().toNanos();
    long arrival = now + SHORTEST.toNanos() + random.nextLong(SPREAD.toNanos());
    arrival = lastArrival.merge(from + '>' + to, arrival, (last, next) -> Math.max(last + 1, next));
    return List.of(Duration.ofNanos(arrival - now));
  }
}
