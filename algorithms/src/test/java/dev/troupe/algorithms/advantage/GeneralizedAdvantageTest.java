package dev.troupe.algorithms.advantage;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class GeneralizedAdvantageTest {
  private static final double EXACT = 1e-12;

  @Test
  void followsTheRecursion() {
    var estimate =
        new GeneralizedAdvantage(0.5, 0.5).of(new float[] {1, 0, 2}, new float[] {0.5f, 1, 4});
    // delta: 2 - 4 = -2;  0 + 0.5*4 - 1 = 1;  1 + 0.5*1 - 0.5 = 1
    // A: -2;  1 + 0.25*-2 = 0.5;  1 + 0.25*0.5 = 1.125
    assertArrayEquals(new double[] {1.125, 0.5, -2}, estimate.advantage(), EXACT);
    assertArrayEquals(new double[] {1.625, 1.5, 2}, estimate.returns(), EXACT);
  }

  @Test
  void withLambdaZeroOnlyTheNextValueCounts() {
    var estimate =
        new GeneralizedAdvantage(1, 0).of(new float[] {0, 1}, new float[] {0.25f, 0.75f});
    assertArrayEquals(new double[] {0.5, 0.25}, estimate.advantage(), EXACT);
  }

  @Property
  void withLambdaOneTheReturnIsTheRewardToGoWhateverTheCriticSays(
      @ForAll("values") float[] value, @ForAll @DoubleRange(min = 0, max = 1) double gamma) {
    var estimate = new GeneralizedAdvantage(gamma, 1).of(new float[] {1, 2, 3}, value);
    assertArrayEquals(
        new double[] {1 + gamma * (2 + gamma * 3), 2 + gamma * 3, 3}, estimate.returns(), 1e-9);
  }

  @Provide
  Arbitrary<float[]> values() {
    return Arbitraries.floats().between(-9, 9).array(float[].class).ofSize(3);
  }

  @Test
  void anEmptyResponseHasNoAdvantages() {
    assertEquals(
        0, new GeneralizedAdvantage(1, 0.95).of(new float[0], new float[0]).advantage().length);
  }

  @Test
  void refusesWhatDoesNotFit() {
    var estimator = new GeneralizedAdvantage(1, 0.95);
    assertRefused(
        "value has length 1, expected 2 like reward",
        () -> estimator.of(new float[2], new float[1]));
    assertRefused(
        "value at index 0 is NaN, expected a finite number",
        () -> estimator.of(new float[1], new float[] {Float.NaN}));
    assertRefused(
        "gamma is -0.1, expected a number in [0.0, 1.0]", () -> new GeneralizedAdvantage(-0.1, 1));
    assertRefused(
        "lambda is 1.5, expected a number in [0.0, 1.0]", () -> new GeneralizedAdvantage(1, 1.5));
  }
}
