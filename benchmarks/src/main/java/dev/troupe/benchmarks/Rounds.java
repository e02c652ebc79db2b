package dev.troupe.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Times measures in interleaved rounds, so that a slow minute of a shared machine meets all of them
 * alike.
 */
final class Rounds {
  private static final double NANOS = 1e9;
  private final LongSupplier clock;
  private final Map<String, double[]> rates = new LinkedHashMap<>();

  /**
   * Calls every measure twice to warm up, then once in each round.
   *
   * @param clock nanoseconds that rates are taken by
   * @param progress is told in one line what has been done
   */
  Rounds(List<Measure> measures, int rounds, LongSupplier clock, Consumer<String> progress) {
    this.clock = clock;
    Map<String, List<Double>> all = new LinkedHashMap<>();
    for (Measure measure : measures) {
      rate(measure);
      rate(measure);
      all.put(measure.name(), new ArrayList<>());
    }
    progress.accept("warm");
    for (int round = 0; round < rounds; round++) {
      for (Measure measure : measures) {
        all.get(measure.name()).add(rate(measure));
      }
      progress.accept("round " + (round + 1) + " of " + rounds);
    }
    all.forEach(
        (name, list) ->
            rates.put(name, list.stream().mapToDouble(Double::doubleValue).sorted().toArray()));
  }

  /** Median rate in units of work a second. */
  double median(String name) {
    double[] sorted = rates.get(name);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Lowest rate of any round. */
  double lowest(String name) {
    return rates.get(name)[0];
  }

  /** Highest rate of any round. */
  double highest(String name) {
    return Arrays.stream(rates.get(name)).max().orElseThrow();
  }

  private double rate(Measure measure) {
    long start = clock.getAsLong();
    measure.action().run();
    return measure.work() * NANOS / (clock.getAsLong() - start);
  }
}
