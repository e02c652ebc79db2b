package dev.troupe.runtime.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Round numbers along an axis.
 *
 * @param values the ticks, ascending, all inside the range asked for
 * @param step the distance between two
 */
record Ticks(List<Double> values, double step) {
  /**
   * Ticks at multiples of 1, 2 or 5 times a power of ten.
   *
   * @param low lower end of the axis
   * @param high upper end, above {@code low}
   * @param wanted about how many ticks would look good
   * @param smallestStep the least distance allowed, 1 for whole numbers
   */
  static Ticks between(double low, double high, int wanted, double smallestStep) {
    double step = Math.max(smallestStep, roundStep((high - low) / wanted));
    List<Double> values = new ArrayList<>();
    // Multiples by a whole number, so that errors do not add up and 0 is exactly 0.
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
      values.add(i * step);
    }
    return new Ticks(List.copyOf(values), step);
  }

  private static double roundStep(double rough) {
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double lead = rough / power;
    return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
  }

  /** The label of a tick, with just the decimals that tell neighbours apart. */
  String label(double value) {
    if (step < 0.9e-3) {
      return ReadableNumbers.number(value);
    }
    int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
