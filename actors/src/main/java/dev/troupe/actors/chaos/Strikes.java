package dev.troupe.actors.chaos;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The faults of one disturbed run: those to come, and what became of those that happened. Told by
 * several threads.
 */
final class Strikes {
  private static final class Strike {
    final FaultPoint point;
    final String where;
    final long at = System.nanoTime();
    int restarts;
    double seconds = Double.NaN;

    Strike(FaultPoint point, String where) {
      this.point = point;
      this.where = where;
    }
  }

  private final Deque<FaultPoint> due;
  private final List<Strike> happened = new ArrayList<>();

  /**
   * @param due the faults to come, in order; those that strike are taken out
   */
  Strikes(Deque<FaultPoint> due) {
    this.due = due;
  }

  Deque<FaultPoint> due() {
    return due;
  }

  /** A fault happens now. */
  synchronized void happen(FaultPoint point, String where) {
    happened.add(new Strike(point, where));
  }

  /** A process was started to replace one that had ended. */
  synchronized void restarted() {
    happened.stream().filter(it -> Double.isNaN(it.seconds)).forEach(it -> it.restarts++);
  }

  /** A step was trained: what happened before is over. */
  synchronized void trained() {
    for (Strike strike : happened) {
      if (Double.isNaN(strike.seconds)) {
        strike.seconds = (System.nanoTime() - strike.at) / 1e9;
      }
    }
  }

  /**
   * What happened, for the report.
   *
   * @param isSame whether the run ended like the undisturbed one
   */
  synchronized List<ChaosReport.Hit> hits(long seed, boolean isSame) {
    return happened.stream()
        .map(it -> new ChaosReport.Hit(seed, it.point, it.where, it.restarts, it.seconds, isSame))
        .toList();
  }
}
