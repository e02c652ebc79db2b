package dev.troupe.actors.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/** Chooses the moments of faults from a seed: the same seed disturbs a recipe in the same way. */
final class FaultPlan {
  private FaultPlan() {}

  /**
   * Faults in the order in which they are to happen, spread over the whole run.
   *
   * @param faults what may happen; each kind has the same share
   * @param steps steps of the run over all its stages
   * @param longestDelayMillis bound of the delay after the step
   */
  static List<FaultPoint> seeded(
      long seed, int count, List<Fault> faults, int steps, int longestDelayMillis) {
    var random = new SplittableRandom(seed);
    var points = new ArrayList<FaultPoint>(count);
    for (int i = 0; i < count; i++) {
      points.add(
          new FaultPoint(
              faults.get(i % faults.size()),
              random.nextInt(steps),
              random.nextInt(longestDelayMillis + 1)));
    }
    points.sort(Comparator.comparingInt(FaultPoint::step));
    return List.copyOf(points);
  }
}
