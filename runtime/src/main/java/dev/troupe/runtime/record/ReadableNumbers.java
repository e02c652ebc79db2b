package dev.troupe.runtime.record;

import java.util.Locale;

/** Numbers as people like to read them in the report and in the terminal. */
public final class ReadableNumbers {
  private static final double SMALLEST_DECIMAL = 1e-3;
  private static final double LARGEST_DECIMAL = 1e7;

  private ReadableNumbers() {}

  /** Three significant digits: {@code 0.0123}, {@code 12.3}, {@code 12,345}, {@code 1.2e-5}. */
  public static String number(double value) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
    }
    if (size == 0) {
      return "0";
    }
    if (size < SMALLEST_DECIMAL || size >= LARGEST_DECIMAL) {
      return scientific(value);
    }
    if (size >= 99.95) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    int decimals = size >= 9.995 ? 1 : size >= 0.9995 ? 2 : size >= 0.0995 ? 3 : 4;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  private static String scientific(double value) {
    return String.format(Locale.ROOT, "%.1e", value)
        .replace(".0e", "e")
        .replaceAll("e([+-])0", "e$1")
        .replace("e+", "e");
  }

  /** A whole number with its thousands parted: {@code 12,345}. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A share of 1 in percent with one decimal: {@code 64.0%}. */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  /** A difference of two shares in percentage points with its sign: {@code +52.0}. */
  public static String points(double difference) {
    return String.format(Locale.ROOT, "%+.1f", 100 * difference);
  }

  /** As {@link #number}, with a sign in front of what is not negative: {@code +0.540}. */
  public static String signed(double value) {
    return value < 0 ? number(value) : "+" + number(value);
  }

  /** A duration: {@code 8.4 s}, {@code 3 min 04 s}, {@code 2 h 05 min}. */
  public static String duration(double seconds) {
    if (seconds < 59.5) {
      return String.format(Locale.ROOT, seconds < 9.95 ? "%.1f s" : "%.0f s", seconds);
    }
    long whole = Math.round(seconds);
    if (whole < 3600) {
      return String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
    }
    return String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
  }
}
