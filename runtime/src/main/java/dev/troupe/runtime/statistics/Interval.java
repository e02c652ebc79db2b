package dev.troupe.runtime.statistics;

/**
 * A closed interval of real numbers, here always a confidence interval.
 *
 * @param low lower end, in the unit of the quantity it encloses
 * @param high upper end, not below {@code low}
 */
public record Interval(double low, double high) {
  /** Refuses a NaN end and ends in the wrong order. */
  public Interval {
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "an interval needs low <= high, got low=" + low + " high=" + high);
    }
  }

  /** Says whether the value lies in the interval, ends included. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
