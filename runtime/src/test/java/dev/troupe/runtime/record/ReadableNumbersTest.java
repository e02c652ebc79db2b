package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadableNumbersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0          | 0
          -0.0       | 0
          0.000012   | 1.2e-5
          -0.0005    | -5e-4
          0.0123     | 0.0123
          0.0999     | 0.100
          0.4306     | 0.431
          0.9996     | 1.00
          9.994      | 9.99
          9.996      | 10.0
          99.96      | 100
          12345.6    | 12,346
          12345678   | 1.2e7
          1e12       | 1e12
          NaN        | NaN
          -Infinity  | -∞
          """)
  void givesThreeSignificantDigits(double value, String expected) {
    assertEquals(expected, ReadableNumbers.number(value));
  }

  @ParameterizedTest
  @CsvSource({
    "0.04, 0.0 s",
    "8.44, 8.4 s",
    "9.97, 10 s",
    "59.4, 59 s",
    "59.6, 1 min 00 s",
    "184, 3 min 04 s",
    "3599.7, 1 h 00 min",
    "7530, 2 h 05 min"
  })
  void givesDurationsInTwoUnits(double seconds, String expected) {
    assertEquals(expected, ReadableNumbers.duration(seconds));
  }

  @ParameterizedTest
  @CsvSource({"0.6404, 64.0%, +64.0", "-0.05, -5.0%, -5.0", "0, 0.0%, +0.0"})
  void givesSharesInPercentAndDifferencesInPoints(double share, String percent, String points) {
    assertEquals(percent, ReadableNumbers.percent(share));
    assertEquals(points, ReadableNumbers.points(share));
  }

  @ParameterizedTest
  @CsvSource({"0.54, +0.540", "-0.0312, -0.0312", "0, +0", "-0.0, +0"})
  void givesDifferencesASign(double difference, String expected) {
    assertEquals(expected, ReadableNumbers.signed(difference));
  }
}
