package dev.troupe.actors.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SparklineTest {
  private static final String LEVELS = "▁▂▃▄▅▆▇█";

  private static String draw(int columns, double... values) {
    return Sparkline.draw(values, columns, LEVELS);
  }

  @Test
  void spreadsTheValuesOverAllLevels() {
    assertEquals("▁▂▃▄▅▆▇█", draw(20, 0, 1, 2, 3, 4, 5, 6, 7));
    assertEquals("█▁", draw(20, 5, -5));
  }

  @Test
  void averagesNeighboursWhenColumnsAreFew() {
    // Means of two: 1, 5, 3 from 1 to 5 -> lowest, highest, middle.
    assertEquals("▁█▅", draw(3, 0, 2, 4, 6, 2, 4));
  }

  @Test
  void isBlankWhereNothingFiniteIs() {
    assertEquals("▁ █", draw(9, 0, Double.NaN, 1));
    assertEquals(" ", draw(9, Double.POSITIVE_INFINITY));
  }

  @Test
  void drawsAConstantInTheMiddle() {
    assertEquals("▅▅", draw(9, 3, 3));
  }

  @Test
  void isEmptyWithoutValuesOrRoom() {
    assertEquals("", draw(9));
    assertEquals("", draw(0, 1, 2));
    assertEquals("", draw(-3, 1, 2));
  }
}
