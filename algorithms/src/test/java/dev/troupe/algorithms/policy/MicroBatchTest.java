package dev.troupe.algorithms.policy;

import static dev.troupe.algorithms.advantage.GroupAdvantage.centred;
import static dev.troupe.algorithms.aggregation.Aggregation.TOKEN_MEAN;
import static dev.troupe.algorithms.kl.KlEstimator.K2;
import static dev.troupe.algorithms.kl.KlEstimator.K3;
import static dev.troupe.algorithms.kl.KlEstimator.K3_PLUS;
import static dev.troupe.algorithms.offpolicy.ImportanceCorrection.Bound.MASK;
import static dev.troupe.algorithms.offpolicy.ImportanceCorrection.Bound.TRUNCATE;
import static dev.troupe.algorithms.offpolicy.ImportanceCorrection.Level.SEQUENCE_GEOMETRIC_MEAN;
import static dev.troupe.algorithms.offpolicy.ImportanceCorrection.Level.SEQUENCE_PRODUCT;
import static dev.troupe.algorithms.offpolicy.ImportanceCorrection.Level.TOKEN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.cispo.CispoLoss;
import dev.troupe.algorithms.grpo.GrpoSettings;
import dev.troupe.algorithms.gspo.GspoLoss;
import dev.troupe.algorithms.offpolicy.DecoupledPpo;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
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
  private static final ClippedSurrogate CLIP = new ClippedSurrogate(0.2, 0.2, 0);

  /** Ragged responses; every quantity is drawn from the seed. */
  record Responses(
      double[][] logp, double[][] old, double[][] ref, double[][] generator, double[][] advantage) {
    static Responses of(List<Integer> lengths, long seed) {
      Random random = new Random(seed);
      return new Responses(
          draw(lengths, random),
          draw(lengths, random),
          draw(lengths, random),
          draw(lengths, random),
          spread(lengths, random));
    }

    /** One advantage for each response, which every ratio allows. */
    private static double[][] spread(List<Integer> lengths, Random random) {
      return lengths.stream()
          .map(
              length -> {
                double[] row = new double[length];
                Arrays.fill(row, random.nextDouble(-1.5, 1.5));
                return row;
              })
          .toArray(double[][]::new);
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

  /** Every ratio, surrogate, correction and place of the divergence. */
  enum Method {
    GRPO(new GrpoSettings(0.2, 0.2, 3, K3, 0.1, TOKEN_MEAN, centred(), 0).policyLoss()),
    GRPO_WITH_K3_PLUS(
        new GrpoSettings(0.2, 0.2, 0, K3_PLUS, 0.1, TOKEN_MEAN, centred(), 0).policyLoss()),
    GSPO(GspoLoss.of(0.2, 0.2)),
    CISPO(new CispoLoss(0.5, 1.5).policyLoss()),
    TIS(DecoupledPpo.of(CLIP, ImportanceCorrection.truncated(2))),
    TIS_MASKED(DecoupledPpo.of(CLIP, new ImportanceCorrection(TOKEN, MASK, 0.5, 2))),
    TIS_PRODUCT(DecoupledPpo.of(CLIP, new ImportanceCorrection(SEQUENCE_PRODUCT, MASK, 0, 3))),
    GSPO_CORRECTED(
        GspoLoss.of(0.2, 0.2)
            .with(new ImportanceCorrection(SEQUENCE_GEOMETRIC_MEAN, TRUNCATE, 0, 2))
            .with(new KlTerm(K2, 0.3, true)));

    private final PolicyLoss loss;

    Method(PolicyLoss loss) {
      this.loss = loss;
    }
  }

  @Property(tries = 100)
  void extremeLogProbabilitiesStayFinite(
      @ForAll Method method, @ForAll Aggregation aggregation, @ForAll long seed) {
    Random random = new Random(seed);
    Responses mild = Responses.of(List.of(3, 1, 4), seed);
    double[][][] wild =
        IntStream.range(0, 4)
            .mapToObj(i -> wild(mild.lengths(), random))
            .toArray(double[][][]::new);
    Responses responses = new Responses(wild[0], wild[1], wild[2], wild[3], mild.advantage());
    Result result = loss(responses, method, aggregation, new int[] {0, 1, 2}, 4, Double.NaN);
    assertTrue(Double.isFinite(result.loss()), () -> method + " gives " + result.loss());
    for (double[] row : result.gradients()) {
      assertTrue(Arrays.stream(row).allMatch(Double::isFinite), () -> Arrays.toString(row));
    }
  }

  private static double[][] wild(int[] lengths, Random random) {
    return Arrays.stream(lengths)
        .mapToObj(length -> random.doubles(length, -30, 0).map(x -> -Math.pow(2, -x)).toArray())
        .toArray(double[][]::new);
  }

  @Property(tries = 100)
  void theLossesOfMicroBatchesSumToTheLossOfTheBatch(
      @ForAll("responses") Responses responses,
      @ForAll Method method,
      @ForAll Aggregation aggregation,
      @ForAll @IntRange(min = 1, max = 4) int microBatch) {
    int rows = responses.logp().length;
    int[] all = IntStream.range(0, rows).toArray();
    Result whole = loss(responses, method, aggregation, all, 7, 0);

    double sum = 0;
    double[][] gradients = new double[rows][];
    for (int from = 0; from < rows; from += microBatch) {
      int[] part = IntStream.range(from, Math.min(rows, from + microBatch)).toArray();
      Result result = loss(responses, method, aggregation, part, 7, 0);
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
      @ForAll Method method,
      @ForAll Aggregation aggregation,
      @ForAll long seed) {
    List<Integer> order =
        IntStream.range(0, responses.logp().length).boxed().collect(Collectors.toList());
    Result sorted =
        loss(responses, method, aggregation, order.stream().mapToInt(i -> i).toArray(), 7, 0);
    Collections.shuffle(order, new Random(seed));
    Result shuffled =
        loss(responses, method, aggregation, order.stream().mapToInt(i -> i).toArray(), 7, 0);
    assertEquals(sorted.loss(), shuffled.loss(), ROUNDING);
    for (int i = 0; i < order.size(); i++) {
      assertArrayEquals(sorted.gradients()[order.get(i)], shuffled.gradients()[i], ROUNDING);
    }
  }

  @Property(tries = 100)
  void paddingDoesNotMatter(
      @ForAll("responses") Responses responses,
      @ForAll Method method,
      @ForAll Aggregation aggregation,
      @ForAll @IntRange(min = 0, max = 5) int more) {
    int[] all = IntStream.range(0, responses.logp().length).toArray();
    Result tight = loss(responses, method, aggregation, all, 7, 0);
    Result loose = loss(responses, method, aggregation, all, 7 + more, Double.NaN);
    assertEquals(tight.loss(), loose.loss(), ROUNDING);
    for (int b = 0; b < all.length; b++) {
      assertArrayEquals(
          Arrays.copyOf(tight.gradients()[b], 7 + more), loose.gradients()[b], ROUNDING);
    }
  }

  private record Result(double loss, double[][] gradients) {}

  /** The loss of some rows with weights made for all rows. */
  private static Result loss(
      Responses responses,
      Method method,
      Aggregation aggregation,
      int[] rows,
      int width,
      double padding) {
    double[][] weights = Torch.widen(aggregation.weights(responses.lengths(), 16));
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.padded(manager, width, padding, pick(responses.logp(), rows));
      NDArray old = Torch.padded(manager, width, padding, pick(responses.old(), rows));
      NDArray ref = Torch.padded(manager, width, padding, pick(responses.ref(), rows));
      NDArray gain = Torch.padded(manager, width, padding, pick(responses.advantage(), rows));
      NDArray generator = Torch.padded(manager, width, padding, pick(responses.generator(), rows));
      NDArray weight = Torch.padded(manager, width, 0, pick(weights, rows));
      PolicyBatch batch = new PolicyBatch(logp, old, ref, generator, gain, weight);
      var result = Torch.differentiate(() -> method.loss.loss(batch), logp);
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
