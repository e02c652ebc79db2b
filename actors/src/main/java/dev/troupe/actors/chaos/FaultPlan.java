package dev.troupe.actors.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/** Chooses the moments of faults from a seed: the same seed disturbs a recipe in the same way. */
final class FaultPlan {
  /** One fault in so many strikes while the process that an earlier one ended starts again. */
  private static final int STARTS = 5;

  /** A start takes about so much longer than a step. */
  private static final int START_GROWTH = 10;

  private FaultPlan() {}

  /**
   * Faults in the order in which they are to happen, spread over the whole run.
   *
   * @param faults what may happen; each kind has the same share
   * @param members the processes; the first one leads the run
   * @param steps steps of the run over all its stages
   * @param longestDelayMillis bound of the delay after the step
   */
  static List<FaultPoint> seeded(
      long seed,
      int count,
      List<Fault> faults,
      List<String> members,
      int steps,
      int longestDelayMillis) {
    var random = new SplittableRandom(seed);
    var points = new ArrayList<FaultPoint>(count);
    for (int i = 0; i < count; i++) {
      Fault fault = faults.get(i % faults.size());
      int step = random.nextInt(steps);
      int delay = random.nextInt(longestDelayMillis + 1);
      String member = member(fault, members, random);
      boolean isDuringStart =
          random.nextInt(STARTS) == 0 && !fault.isSurvivable() && member.equals(members.get(0));
      points.add(
          new FaultPoint(
              fault, member, step, isDuringStart ? delay * START_GROWTH : delay, isDuringStart));
    }
    points.sort(Comparator.comparingInt(FaultPoint::step));
    for (int i = 1; i < points.size(); i++) {
      if (points.get(i).isDuringStart() && !endsTheLead(points.get(i - 1), members.get(0))) {
        points.set(i, amidSteps(points.get(i))); // Nothing would be started again.
      }
    }
    return List.copyOf(points);
  }

  private static boolean endsTheLead(FaultPoint point, String lead) {
    return !point.fault().isSurvivable()
        && (point.member().equals(lead) || point.member().equals(FaultPoint.EVERYBODY));
  }

  private static FaultPoint amidSteps(FaultPoint start) {
    return new FaultPoint(
        start.fault(), start.member(), start.step(), start.delayMillis() / START_GROWTH, false);
  }

  private static String member(Fault fault, List<String> members, SplittableRandom random) {
    if (fault.isOfTheLead() || members.size() == 1) {
      return members.get(0);
    }
    // Only a crash comes over all at once.
    int chosen = random.nextInt(members.size() + (fault == Fault.KILL ? 1 : 0));
    return chosen < members.size() ? members.get(chosen) : FaultPoint.EVERYBODY;
  }
}
