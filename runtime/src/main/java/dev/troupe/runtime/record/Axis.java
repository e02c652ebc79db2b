package dev.troupe.runtime.record;

/**
 * The range of an axis that is scaled to its data.
 *
 * @param low lower end
 * @param high upper end, above {@code low}
 */
record Axis(double low, double high) {
  private static final double MARGIN = 0.06;

  /**
   * An axis on which values from least to greatest fill the middle.
   *
   * @param least a finite value
   * @param greatest a finite value, not below {@code least}
   */
  static Axis around(double least, double greatest) {
    double range = greatest - least;
    // A constant still needs an axis with a height.
    double pad = range > 0 ? MARGIN * range : Math.max(1e-6, 0.5 * Math.abs(greatest));
    // Quantities that cannot be negative should not get an axis that says they were.
    return new Axis(least >= 0 ? Math.max(0, least - pad) : least - pad, greatest + pad);
  }

  /** How far up the axis a value lies: 0 at the lower end, 1 at the upper. */
  double position(double value) {
    return (value - low) / (high - low);
  }
}
