package dev.troupe.runtime.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tokens are drawn from the distribution that {@link Sampling} describes, and the log-probabilities
 * that come with them are its own.
 *
 * <p>Expected probabilities: logits of the eager decoder, then penalty, temperature, top-k, top-p
 * and min-p in Java doubles.
 */
class SamplerDistributionTest {
  /** Logits in float32 of two implementations, times at most 1 / 0.7. */
  private static final double LOGP_TOLERANCE = 2e-5;

  /** Draws of one native call; each has a cache of its own. */
  private static final int GROUP = 1000;

  private static final int GROUPS = 12;
  private static final long SEED = 5;

  /** Tokens 9 and 22 occur twice; the penalty counts them once. */
  private static final int[] PROMPT = {9, 22, 4, 9, 17, 22};

  private static Accelerator accelerator;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  @ParameterizedTest(name = "temperature {0}, top-k {1}, top-p {2}, min-p {3}, penalty {4}")
  @CsvSource({
    "1,   0, 1,   0,    1",
    "0.7, 0, 1,   0,    1",
    "1.6, 0, 1,   0,    1",
    "1,   5, 1,   0,    1",
    "1,   1, 1,   0,    1",
    "1,   0, 0.6, 0,    1",
    "1,   0, 1,   0.25, 1",
    "1,   0, 1,   0,    1.8",
    "0.8, 9, 0.7, 0.2,  1.3",
  })
  void drawsFromTheExactDistributionAndReportsIt(
      double temperature, int topK, double topP, double minP, double penalty) {
    DecoderConfig config = TinyDecoders.llama();
    var sampling = new Sampling(temperature, topK, topP, minP, penalty, 1, List.of(), List.of());
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 21);
        GenerationEngine engine = new GenerationEngine(accelerator, config, NumericType.FP32)) {
      engine.adopt(weights);
      double[] expected = distribution(logits(weights), sampling);
      int[] counts = new int[config.vocabSize()];
      for (int group = 0; group < GROUPS; group++) {
        var request = List.of(new GenerationRequest(group, PROMPT, GROUP));
        for (Completion completion : engine.generate(request, sampling, SEED, null).get(0)) {
          int token = completion.tokens()[0];
          counts[token]++;
          assertEquals(
              Math.log(expected[token]), completion.logps()[0], LOGP_TOLERANCE, "token " + token);
        }
      }
      ChiSquare.assertFits(sampling.toString(), expected, counts);
    }
  }

  private static double[] logits(DecoderWeights weights) {
    try (EagerDecoder eager = new EagerDecoder(weights)) {
      long[] tokens = Arrays.stream(PROMPT).asLongStream().toArray();
      float[] row =
          eager
              .logits(eager.manager().create(tokens, new Shape(1, tokens.length)))
              .get(0)
              .get(tokens.length - 1)
              .toFloatArray();
      return IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray();
    }
  }

  private static double[] distribution(double[] logits, Sampling sampling) {
    for (int token : Arrays.stream(PROMPT).distinct().toArray()) {
      logits[token] *=
          logits[token] > 0 ? 1 / sampling.repetitionPenalty() : sampling.repetitionPenalty();
    }
    double[] p =
        Arrays.stream(logits).map(logit -> Math.exp(logit / sampling.temperature())).toArray();
    normalise(p);
    List<Integer> byProbability =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer token) -> -p[token]))
            .toList();
    if (sampling.topK() > 0) {
      byProbability.stream().skip(sampling.topK()).forEach(token -> p[token] = 0);
      normalise(p);
    }
    double before = 0;
    for (int token : byProbability) {
      double own = p[token];
      if (before >= sampling.topP()) {
        p[token] = 0;
      }
      before += own;
    }
    double least = sampling.minP() * p[byProbability.get(0)];
    for (int token = 0; token < p.length; token++) {
      if (p[token] < least) {
        p[token] = 0;
      }
    }
    normalise(p);
    return p;
  }

  private static void normalise(double[] p) {
    double sum = Arrays.stream(p).sum();
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
  }
}
