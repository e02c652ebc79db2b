package dev.troupe.algorithms.grpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** The loss of a batch does not depend on how the batch is arranged. */
class MicroBatchTest {
  private static final double ROUNDING = 1e-10;

  /** Ragged responses; every quantity is drawn from the seed. */
  record Responses(double[][] logp, double[][] old, double[][] ref, double[][] advantage) {
    static Responses of(List<Integer> lengths, long seed) {
      Random random = new Random(seed);
      return new Responses(
          draw(lengths, random),
          draw(lengths, random),
          draw(lengths, random),
          draw(lengths, random));
    }

    private static double[][] draw(List<Integer> lengths, Random random) {
      return lengths.stream()
          .map(length -> random.doubles(length, -1.5, 1.5).toArray())
          .toArray(double[][]::new);
    }

    int[] lengths() {
      return Arrays.stream(logp).mapToInt(row -> row.length).toArray();
    }
  }

  @Provide
  Arbitrary<Responses> responses() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 7).list().ofMinSize(1).ofMaxSize(9),
            Arbitraries.longs())
        .as(Responses::of);
  }

  @Property(tries = 100)
  void theLossesOfMicroBatchesSumToTheLossOfTheBatch(
      @ForAll("responses") Responses responses,
      @ForAll Aggregation aggregation,
      @ForAll @IntRange(min = 1, max = 4) int microBatch) {
    int rows = responses.logp().length;
    int[] all = IntStream.range(0, rows).toArray();
    Result whole = loss(responses, aggregation, all, 7, 0);

    double sum = 0;
    double[][] gradients = new double[rows][];
    for (int from = 0; from < rows; from += microBatch) {
      int[] part = IntStream.range(from, Math.min(rows, from + microBatch)).toArray();
      Result result = loss(responses, aggregation, part, 7, 0);
      sum += result.loss();
      for (int i = 0; i < part.length; i++) {
        gradients[part[i]] = result.gradients()[i];
      }
    }
    assertEquals(whole.loss(), sum, ROUNDING);
    assertRows(whole.gradients(), gradients);
  }

  @Property(tries = 100)
  void theOrderOfTheRowsDoesNotMatter(
      @ForAll("responses") Responses responses,
      @ForAll Aggregation aggregation,
      @ForAll long seed) {
    List<Integer> order =
        IntStream.range(0, responses.logp().length).boxed().collect(Collectors.toList());
    Result sorted = loss(responses, aggregation, order.stream().mapToInt(i -> i).toArray(), 7, 0);
    Collections.shuffle(order, new Random(seed));
    Result shuffled = loss(responses, aggregation, order.stream().mapToInt(i -> i).toArray(), 7, 0);
    assertEquals(sorted.loss(), shuffled.loss(), ROUNDING);
    for (int i = 0; i < order.size(); i++) {
      assertArrayEquals(sorted.gradients()[order.get(i)], shuffled.gradients()[i], ROUNDING);
    }
  }

  @Property(tries = 100)
  void paddingDoesNotMatter(
      @ForAll("responses") Responses responses,
      @ForAll Aggregation aggregation,
      @ForAll @IntRange(min = 0, max = 5) int more) {
    int[] all = IntStream.range(0, responses.logp().length).toArray();
    Result tight = loss(responses, aggregation, all, 7, 0);
    Result loose = loss(responses, aggregation, all, 7 + more, Double.NaN);
    assertEquals(tight.loss(), loose.loss(), ROUNDING);
    for (int b = 0; b < all.length; b++) {
      assertArrayEquals(
          Arrays.copyOf(tight.gradients()[b], 7 + more), loose.gradients()[b], ROUNDING);
    }
  }

  private record Result(double loss, double[][] gradients) {}

  /** The loss of some rows with weights made for all rows. */
  private static Result loss(
      Responses responses, Aggregation aggregation, int[] rows, int width, double padding) {
    GrpoSettings settings =
        new GrpoSettings(
            0.2, 0.2, 3, KlEstimator.K3, 0.1, aggregation, GroupAdvantage.centred(), 16);
    double[][] weights = Torch.widen(aggregation.weights(responses.lengths(), 16));
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.padded(manager, width, padding, pick(responses.logp(), rows));
      NDArray old = Torch.padded(manager, width, padding, pick(responses.old(), rows));
      NDArray ref = Torch.padded(manager, width, padding, pick(responses.ref(), rows));
      NDArray gain = Torch.padded(manager, width, padding, pick(responses.advantage(), rows));
      NDArray weight = Torch.padded(manager, width, 0, pick(weights, rows));
      var result =
          Torch.differentiate(() -> GrpoLoss.loss(logp, old, ref, gain, weight, settings), logp);
      return new Result(result.loss(), Torch.rows(result.gradients()[0], width));
    }
  }

  private static double[][] pick(double[][] values, int[] rows) {
    return Arrays.stream(rows).mapToObj(b -> values[b]).toArray(double[][]::new);
  }

  private static void assertRows(double[][] expected, double[][] actual) {
    for (int b = 0; b < expected.length; b++) {
      assertArrayEquals(expected[b], actual[b], ROUNDING);
    }
  }
}
