package dev.troupe.algorithms.multiobjective;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.troupe.algorithms.advantage.GroupAdvantage;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class ScalarisationTest {
  private static final double EXACT = 1e-12;
  private static final double[] HALF = {0.5, 0.5};

  @Property
  void equalWeightsAreTheMean(@ForAll("scores") double[] scores) {
    assertEquals(
        Arrays.stream(scores).average().orElseThrow(),
        WeightedSum.equal(scores.length).of(scores),
        EXACT);
  }

  @Property
  void oneObjectiveGivesPlainGroupAdvantagesBitForBit(@ForAll("scores") double[] rewards) {
    double[][] scores =
        Arrays.stream(rewards).mapToObj(r -> new double[] {r}).toArray(double[][]::new);
    double[] scalar = WeightedSum.equal(1).of(scores);
    assertArrayEquals(
        GroupAdvantage.normalised().of(rewards), GroupAdvantage.normalised().of(scalar), 0);
  }

  @Property
  void aConstantOnOneObjectiveDoesNotChangeTheAdvantages(
      @ForAll("scores") double[] first, @ForAll @DoubleRange(min = -5, max = 5) double constant) {
    WeightedSum sum = new WeightedSum(new double[] {0.75, 0.25});
    // One more response: a group of one has no baseline to take the constant away.
    double[][] scores = new double[first.length + 1][];
    double[][] shifted = new double[first.length + 1][];
    scores[first.length] = new double[] {0, 0};
    shifted[first.length] = new double[] {0, constant};
    for (int i = 0; i < first.length; i++) {
      scores[i] = new double[] {first[i], i % 3};
      shifted[i] = new double[] {first[i], i % 3 + constant};
    }
    assertArrayEquals(
        GroupAdvantage.centred().of(sum.of(scores)),
        GroupAdvantage.centred().of(sum.of(shifted)),
        1e-9);
  }

  @Provide
  Arbitrary<double[]> scores() {
    return Arbitraries.doubles()
        .between(-2, 2)
        .ofScale(2)
        .array(double[].class)
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  @Test
  void aGateCostsBelowItsThresholdAndEarnsNothingAbove() {
    GatedSum gate = new GatedSum(new double[] {0.25, 0.5, 0.25}, 1, 0.8, 10);
    // 0.25 * 1 + 0.25 * 2 + 10 * min(0, 0.5 - 0.8)
    assertEquals(-2.25, gate.of(new double[] {1, 0.5, 2}), EXACT);
    assertEquals(0.75, gate.of(new double[] {1, 0.9, 2}), EXACT);
    assertEquals(0.75, gate.of(new double[] {1, 0.8, 2}), EXACT);
  }

  @Test
  void theMultiplierGrowsWhileTheConstraintFailsAndStopsAtZero() {
    LagrangianSum price = new LagrangianSum(HALF, 0, 0.8, 2, 1);
    // 1 * (0.5 - 0.8) + 0.5 * 4
    assertEquals(1.7, price.of(new double[] {0.5, 4}), EXACT);
    // above its threshold the constraint still earns: 0.1 + 2
    assertEquals(2.1, price.of(new double[] {0.9, 4}), EXACT);
    // 1 + 2 * (0.8 - mean(0.2, 0.4))
    assertEquals(2, price.after(new double[][] {{0.2, 9}, {0.4, 9}}).lambda(), EXACT);
    // 1 + 2 * (0.8 - 2) is negative
    assertEquals(0, price.after(new double[][] {{2, 0}}).lambda());
    assertEquals(1, price.lambda());
    assertSame(price, price.after(new double[0][]));
  }

  @Test
  void doesNotChangeWithTheArrayItWasMadeFrom() {
    double[] weights = {1, 0};
    Scalarisation[] all = {
      new WeightedSum(weights),
      new GatedSum(weights, 1, 0, 1),
      new LagrangianSum(weights, 1, 0, 0, 0)
    };
    weights[0] = 0;
    ((WeightedSum) all[0]).weights()[0] = 0;
    ((GatedSum) all[1]).weights()[0] = 0;
    ((LagrangianSum) all[2]).weights()[0] = 0;
    for (Scalarisation scalarisation : all) {
      assertEquals(3, scalarisation.of(new double[] {3, 5}));
    }
  }

  @Test
  void refusesWeightsThatAreNoPartitionAndScoresThatDoNotFit() {
    assertRefused(
        "weights [0.5, 0.6] sum to 1.1, expected 1",
        () -> new WeightedSum(new double[] {0.5, 0.6}));
    assertRefused("weights [] sum to 0.0, expected 1", () -> new WeightedSum(new double[0]));
    assertRefused(
        "weights[0] is -0.5, expected a number in [0.0, 1.0]",
        () -> new WeightedSum(new double[] {-0.5, 1.5}));
    WeightedSum sum = new WeightedSum(HALF);
    assertRefused(
        "scores has length 3, expected 2 like weights", () -> sum.of(new double[] {1, 2, 3}));
    assertRefused(
        "scores at index 1 is NaN, expected a finite number",
        () -> sum.of(new double[] {1, Double.NaN}));
    assertRefused(
        "gate is 2.0, expected a number in [0.0, 1.0]", () -> new GatedSum(HALF, 2, 0, 1));
    assertRefused(
        "threshold at index 0 is NaN, expected a finite number",
        () -> new GatedSum(HALF, 0, Double.NaN, 1));
    assertRefused(
        "lambda is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
        () -> new GatedSum(HALF, 0, 0, -1));
    assertRefused(
        "scores has length 1, expected 2 like weights",
        () -> new GatedSum(HALF, 1, 0, 1).of(new double[1]));
    assertRefused(
        "rate is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
        () -> new LagrangianSum(HALF, 0, 0, -1, 0));
    assertRefused(
        "constrained is -1.0, expected a number in [0.0, 1.0]",
        () -> new LagrangianSum(HALF, -1, 0, 1, 0));
  }
}
