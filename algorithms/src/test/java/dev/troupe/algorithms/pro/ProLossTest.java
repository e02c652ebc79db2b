package dev.troupe.algorithms.pro;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.preference.PlackettLuce;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ProLossTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;
  private static final ProSettings RANKING = ranking(Temperature.REWARD_GAP);
  private static final ProSettings PLAIN = ranking(Temperature.NONE);

  @Test
  void twoCandidatesWithoutSupervisionAreALogisticLossOfTheScaledDifference() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-2, -6});
      RankedLists lists = lists(new int[] {2, 3}, new double[] {1.5, 1});
      var result = Torch.differentiate(() -> ProLoss.loss(logp, lists, RANKING, 1), logp);
      // both factors are the gap 0.5: softplus(-0.5 * (-1 + 2)); slope 0.5 over 2 and 3 tokens
      assertEquals(Math.log1p(Math.exp(-0.5)), result.loss(), EXACT);
      double slope = 0.5 / (1 + Math.exp(0.5));
      assertArrayEquals(new double[] {-slope / 2, slope / 3}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void withoutTemperatureItIsPlackettAndLuce() {
    try (NDManager manager = Torch.manager()) {
      NDArray score = Torch.matrix(manager, new double[] {-1, -1.3, -2, -0.4});
      RankedLists lists = lists(new int[] {1, 1, 1, 1}, new double[] {4, 3, 2, 1});
      assertEquals(
          HostCopy.scalar(PlackettLuce.negativeLogLikelihood(score)),
          value(score, lists, PLAIN),
          EXACT);
    }
  }

  @Test
  void theSupervisedTermGrowsWithTheSquareOfTheRivals() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-4, -6, -6});
      RankedLists lists = lists(new int[] {2, 3, 3}, new double[] {2, 1, 0});
      double contrast = value(logp, lists, RANKING);
      ProSettings sum = new ProSettings(Temperature.REWARD_GAP, 0.1, false, 0);
      ProSettings mean = new ProSettings(Temperature.REWARD_GAP, 0.1, true, 0);
      // 0.1 * 2^2 * 4, and the mean over 2 tokens
      assertEquals(1.6, value(logp, lists, sum) - contrast, EXACT);
      assertEquals(0.8, value(logp, lists, mean) - contrast, EXACT);
      var result = Torch.differentiate(() -> ProLoss.loss(logp, lists, sum, 1), logp);
      var without = Torch.differentiate(() -> ProLoss.loss(logp, lists, RANKING, 1), logp);
      assertEquals(-0.4, result.gradients()[0][0] - without.gradients()[0][0], EXACT);
      assertEquals(without.gradients()[0][1], result.gradients()[0][1], EXACT);
    }
  }

  @Test
  void aNearlyEqualRivalIsLeftAloneAndAWorseOnePushedDown() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-1, -1, -1});
      RankedLists lists = lists(new int[] {1, 1, 1}, new double[] {2, 2, 0});
      double[] stages = HostCopy.doubles(ProLoss.stages(logp, lists, RANKING));
      // factors 2, 0, 2 and then 2, 2
      double e = Math.exp(-2);
      assertArrayEquals(new double[] {-Math.log(e / (e + 1 + e)), Math.log(2)}, stages, EXACT);
      var first =
          Torch.differentiate(() -> ProLoss.stages(logp, lists, RANKING).get(":, 0").sum(), logp);
      assertEquals(0, first.gradients()[0][1]);
      assertTrue(first.gradients()[0][2] > 0);
    }
  }

  @Test
  void equalRewardsTeachNoOrderUnlessAskedTo() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-1, -3, -2}, new double[] {-1, -3, -2});
      RankedLists lists =
          RankedLists.of(
              new int[][] {{1, 1, 1}, {1, 1, 1}}, new double[][] {{1, 1, 1}, {1, 1, 0.5}});
      var gap = Torch.differentiate(() -> ProLoss.loss(logp, lists, RANKING, 2), logp);
      assertArrayEquals(
          new double[3], Arrays.copyOfRange(gap.gradients()[0], 0, 3), "equal rewards");
      ProSettings fallback = ranking(Temperature.REWARD_GAP_UNLESS_EQUAL);
      double[] stages = HostCopy.doubles(ProLoss.stages(logp, lists, fallback));
      double[] plain = HostCopy.doubles(ProLoss.stages(logp, lists, PLAIN));
      double[] dynamic = HostCopy.doubles(ProLoss.stages(logp, lists, RANKING));
      assertArrayEquals(new double[] {plain[0], plain[1], dynamic[2], dynamic[3]}, stages, EXACT);
    }
  }

  @Test
  void aCandidateWithoutTokensIsNoCandidate() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp =
          Torch.matrix(
              manager,
              new double[] {NAN, -2, NAN, -6},
              new double[] {NAN, NAN, NAN, NAN},
              new double[] {-5, NAN, NAN, NAN});
      RankedLists lists =
          RankedLists.of(
              new int[][] {{0, 2, 0, 3}, {}, {4}}, new double[][] {{NAN, 1.5, 99, 1}, {}, {0.3}});
      ProSettings settings = new ProSettings(Temperature.REWARD_GAP, 0.1, false, 0);
      var result = Torch.differentiate(() -> ProLoss.loss(logp, lists, settings, 3), logp);
      // list 0 as two candidates: softplus(-0.5) + 0.1 * 1 * 2; a lone candidate has no rivals
      assertEquals((Math.log1p(Math.exp(-0.5)) + 0.2) / 3, result.loss(), EXACT);
      double slope = 0.5 / (1 + Math.exp(0.5));
      assertArrayEquals(
          new double[] {0, (-slope / 2 - 0.1) / 3, 0, slope / 9, 0, 0, 0, 0, 0, 0, 0, 0},
          result.gradients()[0],
          EXACT);
      assertArrayEquals(
          new double[] {0, -1, 0, -2, 0, 0, 0, 0, -1.25, 0, 0, 0},
          HostCopy.doubles(ProLoss.scores(logp, lists)));
    }
  }

  @Test
  void theEpsilonOfTheAuthorsIsAddedToEachDenominator() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-4, -1, -2}, new double[] {-3, 0, 0});
      RankedLists lists =
          RankedLists.of(new int[][] {{1, 1, 1}, {1}}, new double[][] {{2, 2, 1}, {1}});
      ProSettings settings = new ProSettings(Temperature.NONE, 0, false, 0.5);
      // -log(e^-4 / (e^-4 + e^-1 + e^-2 + 0.5)), -log(e^-1 / (e^-1 + e^-2 + 0.5)); no contest
      double last = Math.exp(-1) + Math.exp(-2) + 0.5;
      assertArrayEquals(
          new double[] {4 + Math.log(Math.exp(-4) + last), 1 + Math.log(last), 0, 0},
          HostCopy.doubles(ProLoss.stages(logp, lists, settings)),
          EXACT);
    }
  }

  @Test
  void lossesOfMicroBatchesSumToThatOfTheBatchAndNoListsGiveZero() {
    try (NDManager manager = Torch.manager()) {
      double[][] logps = {{-1, -2, -3}, {-3, -1, -4}};
      double[][] rewards = {{3, 1, 0}, {0.5, 0.25, -1}};
      int[][] tokens = {{1, 2, 3}, {3, 2, 1}};
      ProSettings settings = ProSettings.published();
      NDArray both = Torch.matrix(manager, logps);
      double whole =
          HostCopy.scalar(ProLoss.loss(both, RankedLists.of(tokens, rewards), settings, 2));
      double parts = 0;
      for (int e = 0; e < 2; e++) {
        NDArray one = Torch.matrix(manager, logps[e]);
        parts += HostCopy.scalar(ProLoss.loss(one, lists(tokens[e], rewards[e]), settings, 2));
      }
      assertEquals(whole, parts, EXACT);
      RankedLists none = RankedLists.of(new int[0][], new double[0][]);
      NDArray empty = manager.zeros(new Shape(0, 0));
      assertEquals(0, HostCopy.scalar(ProLoss.loss(empty, none, settings, 2)));
    }
  }

  @Property(tries = 50)
  void neitherTheOrderOfListsNorPaddingMatters(
      @ForAll @DoubleRange(min = -9, max = 0) double first,
      @ForAll @DoubleRange(min = -9, max = 0) double second,
      @ForAll @IntRange(min = 0, max = 3) int padding) {
    try (NDManager manager = Torch.manager()) {
      double[][] logps = {{first, second, -1}, {second, -2, first}};
      int[][] tokens = {{1, 2, 3}, {2, 2, 1}};
      double[][] rewards = {{2, 1, 0}, {1, 0.5, 0.25}};
      double expected =
          HostCopy.scalar(
              ProLoss.loss(
                  Torch.matrix(manager, logps),
                  RankedLists.of(tokens, rewards),
                  ProSettings.published(),
                  2));
      NDArray swapped = Torch.padded(manager, 3 + padding, NAN, logps[1], logps[0]);
      RankedLists lists =
          RankedLists.of(
              new int[][] {
                Arrays.copyOf(tokens[1], 3 + padding), Arrays.copyOf(tokens[0], 3 + padding)
              },
              new double[][] {
                Arrays.copyOf(rewards[1], 3 + padding), Arrays.copyOf(rewards[0], 3 + padding)
              });
      assertEquals(
          expected,
          HostCopy.scalar(ProLoss.loss(swapped, lists, ProSettings.published(), 2)),
          EXACT);
    }
  }

  @Property(tries = 100)
  void staysFiniteForExtremeLogProbabilities(
      @ForAll @FloatRange(min = -1e30f, max = 0) float first,
      @ForAll @FloatRange(min = -1e30f, max = 0) float second,
      @ForAll @FloatRange(min = 0, max = 1e3f) float gap) {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = manager.create(new float[] {first, second, -1}, new Shape(1, 3));
      RankedLists lists = lists(new int[] {1, 1, 1}, new double[] {gap, 0, -gap});
      var result =
          Torch.differentiate(() -> ProLoss.loss(logp, lists, ProSettings.published(), 1), logp);
      assertTrue(Double.isFinite(result.loss()));
      assertTrue(Arrays.stream(result.gradients()[0]).allMatch(Double::isFinite));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "PRO settings: temperature is missing, expected one of [NONE, REWARD_GAP,"
            + " REWARD_GAP_UNLESS_EQUAL]; supervisedWeight is -1.0, expected 0 or more;"
            + " denominatorEpsilon is NaN, expected 0 or more",
        () -> new ProSettings(null, -1, false, NAN));
    assertRefused(
        "rewards[0][1] is 2.0, expected a number in [-1.7976931348623157E308, 1.0]",
        () -> lists(new int[] {1, 1}, new double[] {1, 2}));
    assertRefused(
        "rewards[0][0] is NaN, expected a number in"
            + " [-1.7976931348623157E308, 1.7976931348623157E308]",
        () -> lists(new int[] {1}, new double[] {NAN}));
    assertRefused(
        "tokens[0][1] is -1, expected 0 or more",
        () -> lists(new int[] {1, -1}, new double[] {1, 0}));
    assertRefused(
        "rewards[0] has length 1, expected 2 like tokens[0]",
        () -> lists(new int[] {1, 1}, new double[] {1}));
    assertRefused(
        "rewards has length 0, expected 1 like tokens",
        () -> RankedLists.of(new int[1][0], new double[0][]));
    try (NDManager manager = Torch.manager()) {
      RankedLists lists = lists(new int[] {1, 1}, new double[] {1, 0});
      assertRefused(
          "sumLogpEL has shape (1, 3), expected (1, 2) like the ranked lists",
          () -> ProLoss.loss(manager.zeros(new Shape(1, 3)), lists, RANKING, 1));
      assertRefused(
          "sumLogpEL has shape (2), expected 2 axes (E, L)",
          () -> ProLoss.stages(manager.zeros(new Shape(2)), lists, RANKING));
      assertRefused(
          "sumLogpEL (1, 2) at index 1 is NaN, expected a finite number",
          () -> ProLoss.scores(Torch.matrix(manager, new double[] {0, NAN}), lists));
      assertRefused(
          "totalLists is 0, expected at least 1, the number in this micro-batch",
          () -> ProLoss.loss(manager.zeros(new Shape(1, 2)), lists, RANKING, 0));
    }
  }

  private static ProSettings ranking(Temperature temperature) {
    return new ProSettings(temperature, 0, false, 0);
  }

  private static RankedLists lists(int[] tokens, double[] rewards) {
    return RankedLists.of(new int[][] {tokens}, new double[][] {rewards});
  }

  private static double value(NDArray logp, RankedLists lists, ProSettings settings) {
    return HostCopy.scalar(ProLoss.loss(logp, lists, settings, 1));
  }
}
