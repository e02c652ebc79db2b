package dev.troupe.algorithms.tdpo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.dpo.DpoLoss;
import dev.troupe.algorithms.dpo.DpoSettings;
import dev.troupe.algorithms.preference.SequenceLogp;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TdpoLossTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;

  @Test
  void tdpo1CountsTheDivergenceOfBothSides() {
    try (NDManager manager = Torch.manager()) {
      Pairs pairs = pairs(manager);
      var result = pairs.differentiate(TdpoSettings.tdpo1(0.5), 1);
      // margins -2 + 3 = 1 and -5 + 4 = -1, penalty 1.5 - 0.5 = 1: u = 0.5 * (1 + 1 - 1) = 0.5
      assertEquals(Math.log1p(Math.exp(-0.5)), result.loss(), EXACT);
      double slope = 0.5 / (1 + Math.exp(0.5));
      assertGradients(new double[] {-slope, slope, -slope, slope}, result);
    }
  }

  @Test
  void tdpo2StopsTheGradientOfTheChosenDivergenceOnly() {
    try (NDManager manager = Torch.manager()) {
      Pairs pairs = pairs(manager);
      var result = pairs.differentiate(TdpoSettings.tdpo2(0.5, 0.25), 1);
      // u = 0.5 * (2 - 0.25 * 1) = 0.875
      assertEquals(Math.log1p(Math.exp(-0.875)), result.loss(), EXACT);
      double slope = 0.5 / (1 + Math.exp(0.875));
      assertGradients(new double[] {-slope, slope, 0, 0.25 * slope}, result);
    }
  }

  @Test
  void tdpo2WithAlphaOneHasTheValueOfTdpo1AndAnotherGradient() {
    try (NDManager manager = Torch.manager()) {
      Pairs pairs = pairs(manager);
      var first = pairs.differentiate(TdpoSettings.tdpo1(0.5), 1);
      var second = pairs.differentiate(TdpoSettings.tdpo2(0.5, 1), 1);
      assertEquals(first.loss(), second.loss());
      assertEquals(first.gradients()[0][0], second.gradients()[0][0]);
      assertEquals(first.gradients()[3][0], second.gradients()[3][0]);
      assertNotEquals(0, first.gradients()[2][0]);
      assertEquals(0, second.gradients()[2][0]);
    }
  }

  @Test
  void withoutDivergenceItIsDpoBitForBit() {
    try (NDManager manager = Torch.manager()) {
      Pairs pairs = pairs(manager);
      NDArray none = pairs.chosenDivergence.zerosLike();
      Pairs plain =
          new Pairs(pairs.chosen, pairs.refChosen, none, pairs.rejected, pairs.refRejected, none);
      NDArray dpo =
          DpoLoss.loss(
              pairs.chosen,
              pairs.rejected,
              pairs.refChosen,
              pairs.refRejected,
              new DpoSettings(0.5, 0),
              1);
      assertEquals(HostCopy.scalar(dpo), plain.loss(TdpoSettings.tdpo1(0.5), 1), EXACT);
      assertEquals(HostCopy.scalar(dpo), plain.loss(TdpoSettings.tdpo2(0.5, 0.5), 1), EXACT);
      assertEquals(HostCopy.scalar(dpo), pairs.loss(TdpoSettings.tdpo2(0.5, 0), 1), EXACT);
    }
  }

  @Test
  void theImplicitRewardAddsTheDivergenceAndHasNoGradient() {
    try (NDManager manager = Torch.manager()) {
      Pairs pairs = pairs(manager);
      // 0.5 * (-2 + 3 + 0.5)
      assertArrayEquals(
          new double[] {0.75},
          HostCopy.doubles(TdpoLoss.implicitReward(pairs.chosenSide(), 0.5)),
          EXACT);
      // The second term lets the engine differentiate at all.
      var result =
          Torch.differentiate(
              () -> TdpoLoss.implicitReward(pairs.chosenSide(), 0.5).add(pairs.rejected).sum(),
              pairs.chosen,
              pairs.rejected);
      assertArrayEquals(new double[] {0}, result.gradients()[0]);
    }
  }

  @Test
  void maskedTokensAndResponsesWithoutTokensCountNothing() {
    try (NDManager manager = Torch.manager()) {
      NDArray divergence =
          Torch.matrix(manager, new double[] {0.25, 0.25, NAN}, new double[] {NAN, NAN, NAN});
      NDArray mask = Torch.matrix(manager, new double[] {1, 1, 0}, new double[] {0, 0, 0});
      NDArray sum = SequenceLogp.sum("divergenceBT", divergence, mask);
      assertArrayEquals(new double[] {0.5, 0}, HostCopy.doubles(sum));
      NDArray none = Torch.vector(manager, 0);
      Pairs empty = new Pairs(none, none, none, none, none, none);
      assertEquals(Math.log(2), empty.loss(TdpoSettings.tdpo1(0.1), 1), EXACT);
    }
  }

  @Test
  void lossesOfMicroBatchesSumToThatOfTheBatch() {
    try (NDManager manager = Torch.manager()) {
      Pairs all = random(manager, new double[] {1, 2, 3});
      double parts =
          random(manager, new double[] {1, 2}).loss(TdpoSettings.tdpo2(0.5, 0.5), 3)
              + random(manager, new double[] {3}).loss(TdpoSettings.tdpo2(0.5, 0.5), 3);
      assertEquals(all.loss(TdpoSettings.tdpo2(0.5, 0.5), 3), parts, EXACT);
      Pairs none = random(manager, new double[0]);
      assertEquals(0, none.loss(TdpoSettings.tdpo1(0.5), 3));
    }
  }

  @Property(tries = 50)
  void theOrderOfPairsDoesNotMatter(@ForAll @IntRange(min = 1, max = 6) int rotation) {
    double[] seeds = {1, 2, 3, 4, 5, 6, 7};
    double[] rotated = new double[seeds.length];
    for (int i = 0; i < seeds.length; i++) {
      rotated[i] = seeds[(i + rotation) % seeds.length];
    }
    try (NDManager manager = Torch.manager()) {
      TdpoSettings settings = TdpoSettings.tdpo2(0.3, 0.7);
      assertEquals(
          random(manager, seeds).loss(settings, 7),
          random(manager, rotated).loss(settings, 7),
          1e-12);
    }
  }

  @Property(tries = 100)
  void staysFiniteForExtremeValues(
      @ForAll @FloatRange(min = -1e30f, max = 0) float chosenLogp,
      @ForAll @FloatRange(min = -1e30f, max = 0) float rejectedLogp,
      @ForAll @FloatRange(min = 0, max = 1e30f) float divergence) {
    try (NDManager manager = Torch.manager()) {
      NDArray zero = manager.zeros(new Shape(1));
      Pairs pairs =
          new Pairs(
              manager.create(new float[] {chosenLogp}),
              zero,
              manager.create(new float[] {0}),
              manager.create(new float[] {rejectedLogp}),
              zero,
              manager.create(new float[] {divergence}));
      for (TdpoSettings settings :
          new TdpoSettings[] {TdpoSettings.tdpo1(0.1), TdpoSettings.tdpo2(0.1, 0.5)}) {
        var result = pairs.differentiate(settings, 1);
        assertTrue(Double.isFinite(result.loss()));
        for (double[] gradient : result.gradients()) {
          assertTrue(Double.isFinite(gradient[0]));
        }
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "TDPO settings: variant is missing, expected one of [TDPO1, TDPO2];"
            + " beta is 0.0, expected a number above 0; alpha is -1.0, expected 0 or more",
        () -> new TdpoSettings(null, 0, -1));
    assertRefused(
        "TDPO settings: beta is NaN, expected a number above 0",
        () -> TdpoSettings.tdpo2(Double.NaN, 0));
    assertRefused(
        "TDPO settings: alpha is Infinity, expected 0 or more",
        () -> TdpoSettings.tdpo2(1, Double.POSITIVE_INFINITY));
    assertRefused(
        "TDPO settings: beta is Infinity, expected a number above 0",
        () -> TdpoSettings.tdpo1(Double.POSITIVE_INFINITY));
    try (NDManager manager = Torch.manager()) {
      NDArray two = manager.zeros(new Shape(2));
      NDArray one = manager.zeros(new Shape(1));
      NDArray bad = manager.create(new float[] {0, Float.NaN});
      TdpoSettings settings = TdpoSettings.tdpo1(0.1);
      assertRefused(
          "rejected.divergenceP has shape (1), expected (2) like chosen.logpP",
          () -> new Pairs(two, two, two, two, two, one).loss(settings, 2));
      assertRefused(
          "chosen.divergenceP (2) at index 1 is NaN, expected a finite number",
          () -> new Pairs(two, two, bad, two, two, two).loss(settings, 2));
      assertRefused(
          "totalPairs is 1, expected at least 2, the number in this micro-batch",
          () -> new Pairs(two, two, two, two, two, two).loss(settings, 1));
      NDArray matrix = manager.zeros(new Shape(2, 1));
      assertRefused(
          "chosen.logpP has shape (2, 1), expected 1 axes (P)",
          () -> new Pairs(matrix, two, two, two, two, two).loss(settings, 2));
      assertRefused(
          "refLogpP has shape (1), expected (2) like logpP",
          () -> TdpoLoss.implicitReward(new TdpoLoss.Responses(two, one, two), 1));
      assertRefused(
          "divergenceP has shape (1), expected (2) like logpP",
          () -> TdpoLoss.implicitReward(new TdpoLoss.Responses(two, two, one), 1));
    }
  }

  private static Pairs pairs(NDManager manager) {
    return new Pairs(
        Torch.vector(manager, -2),
        Torch.vector(manager, -3),
        Torch.vector(manager, 0.5),
        Torch.vector(manager, -5),
        Torch.vector(manager, -4),
        Torch.vector(manager, 1.5));
  }

  private static Pairs random(NDManager manager, double... seeds) {
    return new Pairs(
        Torch.vector(manager, Arrays.stream(seeds).map(s -> -s).toArray()),
        Torch.vector(manager, Arrays.stream(seeds).map(s -> -s * s / 3).toArray()),
        Torch.vector(manager, Arrays.stream(seeds).map(s -> 1 / s).toArray()),
        Torch.vector(manager, Arrays.stream(seeds).map(s -> -2 * s).toArray()),
        Torch.vector(manager, Arrays.stream(seeds).map(s -> -3 - s).toArray()),
        Torch.vector(manager, Arrays.stream(seeds).map(s -> s / 7).toArray()));
  }

  private static void assertGradients(double[] expected, Torch.Differentiated result) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], result.gradients()[i][0], EXACT);
    }
  }

  private record Pairs(
      NDArray chosen,
      NDArray refChosen,
      NDArray chosenDivergence,
      NDArray rejected,
      NDArray refRejected,
      NDArray rejectedDivergence) {

    TdpoLoss.Responses chosenSide() {
      return new TdpoLoss.Responses(chosen, refChosen, chosenDivergence);
    }

    TdpoLoss.Responses rejectedSide() {
      return new TdpoLoss.Responses(rejected, refRejected, rejectedDivergence);
    }

    double loss(TdpoSettings settings, long totalPairs) {
      return HostCopy.scalar(TdpoLoss.loss(chosenSide(), rejectedSide(), settings, totalPairs));
    }

    /** Gradients of chosen, rejected, and their divergences, in this order. */
    Torch.Differentiated differentiate(TdpoSettings settings, long totalPairs) {
      return Torch.differentiate(
          () -> TdpoLoss.loss(chosenSide(), rejectedSide(), settings, totalPairs),
          chosen,
          rejected,
          chosenDivergence,
          rejectedDivergence);
    }
  }
}
