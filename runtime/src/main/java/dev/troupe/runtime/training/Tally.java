package dev.troupe.runtime.training;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Numbers that the losses of a step keep by name beside its gradient, and which are joined in the
 * same way: micro-batch by micro-batch within a shard, the shards by the {@link ShardTree}. So what
 * a step measures depends neither on who computed which shard nor on when.
 */
public final class Tally {
  private final SortedMap<String, Double> sums = new TreeMap<>();
  private final SortedMap<String, Double> highest = new TreeMap<>();

  /**
   * A tally of given numbers.
   *
   * @param sums what {@link #sums} told
   * @param highest what {@link #highest()} told
   */
  public static Tally of(Map<String, Double> sums, Map<String, Double> highest) {
    var tally = new Tally();
    tally.sums.putAll(sums);
    tally.highest.putAll(highest);
    return tally;
  }

  /** Adds to a sum. */
  public void add(String name, double part) {
    sums.merge(name, part, Double::sum);
  }

  /** Keeps the highest of all values under the name. */
  public void raise(String name, double value) {
    highest.merge(name, value, Math::max);
  }

  /** A sum, 0 when nothing was added to it. */
  public double sum(String name) {
    return sums.getOrDefault(name, 0.0);
  }

  /** The highest value under the name, 0 when there was none. */
  public double highest(String name) {
    return highest.getOrDefault(name, 0.0);
  }

  /** All sums by name. */
  public Map<String, Double> sums() {
    return Collections.unmodifiableMap(sums);
  }

  /** All highest values by name. */
  public Map<String, Double> highest() {
    return Collections.unmodifiableMap(highest);
  }

  /** A new tally of both. */
  public Tally and(Tally other) {
    Tally both = of(sums, highest);
    other.sums.forEach(both::add);
    other.highest.forEach(both::raise);
    return both;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tally tally && sums.equals(tally.sums) && highest.equals(tally.highest);
  }

  @Override
  public int hashCode() {
    return 31 * sums.hashCode() + highest.hashCode();
  }

  @Override
  public String toString() {
    return "Tally[sums=" + sums + ", highest=" + highest + "]";
  }
}
