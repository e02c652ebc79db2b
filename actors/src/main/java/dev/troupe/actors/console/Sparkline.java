package dev.troupe.actors.console;

import java.util.Arrays;

/** A curve drawn with one character a column. */
final class Sparkline {
  private Sparkline() {}

  /**
   * Draws the values, averaging neighbours when there are more of them than columns. A column
   * without a finite value is blank; equal values lie in the middle.
   */
  static String draw(double[] values, int columns, String levels) {
    double[] means = binned(values, Math.max(0, Math.min(columns, values.length)));
    double low = Arrays.stream(means).filter(Double::isFinite).min().orElse(0);
    double high = Arrays.stream(means).filter(Double::isFinite).max().orElse(0);
    var line = new StringBuilder();
    for (double mean : means) {
      line.append(Double.isFinite(mean) ? levels.charAt(level(mean, low, high, levels)) : ' ');
    }
    return line.toString();
  }

  private static int level(double value, double low, double high, String levels) {
    double height = high > low ? (value - low) / (high - low) : 0.5;
    return (int) Math.min(levels.length() - 1, height * levels.length());
  }

  private static double[] binned(double[] values, int bins) {
    double[] means = new double[bins];
    for (int bin = 0; bin < bins; bin++) {
      int from = (int) ((long) values.length * bin / bins);
      int to = (int) ((long) values.length * (bin + 1) / bins);
      means[bin] =
          Arrays.stream(values, from, to).filter(Double::isFinite).average().orElse(Double.NaN);
    }
    return means;
  }
}
