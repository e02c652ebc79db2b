package dev.troupe.runtime.model;

import dev.troupe.runtime.checkpoint.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Small decoders of every kind for tests: each switches on features that the others leave out. */
public final class TinyDecoders {
  private TinyDecoders() {}

  /** Tied head, as many key/value heads as query heads. */
  public static DecoderConfig llama() {
    return DecoderConfig.llama(29, 32, 2, 4, 4, 48, 64);
  }

  /** Grouped queries, biases on q, k, v, untied head, value head. */
  public static DecoderConfig qwen2() {
    return new DecoderConfig(
        "qwen2",
        31,
        24,
        2,
        6,
        2,
        8,
        40,
        64,
        1e-6,
        1e6,
        false,
        true,
        false,
        false,
        false,
        2,
        1,
        List.of(2),
        0,
        DecoderTraits.PLAIN);
  }

  /** Norms on queries and keys, head size that is not width / heads. */
  public static DecoderConfig qwen3() {
    return new DecoderConfig(
        "qwen3",
        37,
        24,
        3,
        4,
        2,
        16,
        40,
        64,
        1e-6,
        1e6,
        true,
        false,
        false,
        false,
        true,
        0,
        1,
        List.of(2),
        0,
        DecoderTraits.PLAIN);
  }

  /** Biases everywhere. */
  public static DecoderConfig biased() {
    return new DecoderConfig(
        "llama",
        33,
        32,
        2,
        4,
        2,
        8,
        40,
        64,
        1e-5,
        1e4,
        false,
        true,
        true,
        true,
        false,
        1,
        1,
        List.of(2),
        0,
        DecoderTraits.PLAIN);
  }

  /** One key/value head for all query heads. */
  public static DecoderConfig multiQuery() {
    return DecoderConfig.llama(41, 24, 2, 3, 1, 32, 64);
  }

  /** A window in every layer. */
  public static DecoderConfig mistral() {
    DecoderConfig llama = DecoderConfig.llama(29, 32, 2, 4, 2, 48, 64);
    return of("mistral", llama, false, DecoderTraits.PLAIN.withWindows(List.of(6, 6)));
  }

  /** Norms after sublayers, GELU, scaled embeddings, caps, a window in every other layer. */
  public static DecoderConfig gemma2() {
    return of(
        "gemma2",
        DecoderConfig.llama(31, 32, 3, 4, 2, 40, 64),
        false,
        gemma(RopeScaling.NONE, 0, List.of(5, 0, 5), 12, 3, 2));
  }

  /** Norms on queries and keys as well, two bases of rotary positions, one of them scaled. */
  public static DecoderConfig gemma3() {
    return of(
        "gemma3_text",
        DecoderConfig.llama(31, 32, 3, 4, 2, 40, 64),
        true,
        gemma(new RopeScaling.Linear(8), 100, List.of(5, 5, 0), 20, 0, 0));
  }

  private static DecoderTraits gemma(
      RopeScaling scaling,
      double localTheta,
      List<Integer> windows,
      double queryScalar,
      double attentionCap,
      double logitCap) {
    return new DecoderTraits(
        DecoderTraits.Norm.RMS_PLUS_ONE,
        DecoderTraits.FeedForward.GATED_GELU,
        true,
        true,
        false,
        1,
        scaling,
        localTheta,
        windows,
        queryScalar,
        attentionCap,
        logitCap);
  }

  /** LayerNorms, learned positions, a feed-forward without a gate, biases everywhere. */
  public static DecoderConfig gpt2() {
    return new DecoderConfig(
        "gpt2",
        33,
        24,
        2,
        3,
        3,
        8,
        40,
        64,
        1e-5,
        1e4,
        true,
        true,
        true,
        true,
        false,
        0,
        1,
        List.of(2),
        -1,
        new DecoderTraits(
            DecoderTraits.Norm.LAYER,
            DecoderTraits.FeedForward.GELU,
            false,
            false,
            true,
            1,
            RopeScaling.NONE,
            0,
            List.of(),
            0,
            0,
            0));
  }

  /** Half of each head rotates. */
  public static DecoderConfig phi3() {
    return of(
        "phi3",
        DecoderConfig.llama(29, 24, 2, 3, 1, 32, 64),
        false,
        DecoderTraits.PLAIN.withRotary(0.5, RopeScaling.NONE).withWindows(List.of(7, 7)));
  }

  /** Stretched rotary frequencies with a magnitude of their own. */
  public static DecoderConfig yarn() {
    return llama()
        .withTraits(DecoderTraits.PLAIN.withRotary(1, new RopeScaling.Yarn(4, 16, 32, 1, 1.1386)));
  }

  private static DecoderConfig of(
      String family, DecoderConfig sizes, boolean qkNorm, DecoderTraits traits) {
    return new DecoderConfig(
        family,
        sizes.vocabSize(),
        sizes.width(),
        sizes.layers(),
        sizes.heads(),
        sizes.kvHeads(),
        sizes.headSize(),
        sizes.feedForward(),
        sizes.context(),
        sizes.normEpsilon(),
        sizes.ropeTheta(),
        sizes.tiedHead(),
        false,
        false,
        false,
        qkNorm,
        0,
        1,
        List.of(2),
        0,
        traits);
  }

  public static List<DecoderConfig> all() {
    return List.of(
        llama(),
        qwen2(),
        qwen3(),
        biased(),
        multiQuery(),
        mistral(),
        gemma2(),
        gemma3(),
        gpt2(),
        phi3(),
        yarn());
  }

  /** Weights in which nothing is 0 or 1, so that a forgotten bias or gain shows. */
  public static DecoderWeights weights(Accelerator accelerator, DecoderConfig config, long seed) {
    var random = new Random(seed);
    Map<String, HostTensor> tensors = new TreeMap<>();
    config
        .tensorShapes()
        .forEach(
            (name, shape) -> {
              int count = 1;
              for (long size : shape) {
                count *= (int) size;
              }
              float[] values = new float[count];
              for (int i = 0; i < count; i++) {
                double normal = random.nextGaussian();
                values[i] = (float) (name.contains("norm") ? 1 + 0.2 * normal : 0.2 * normal);
              }
              tensors.put(name, HostTensor.of(name, values, shape));
            });
    return DecoderWeights.of(accelerator, config, tensors);
  }
}
