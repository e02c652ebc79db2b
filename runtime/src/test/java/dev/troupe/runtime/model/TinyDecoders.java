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
        0);
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
        0);
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
        0);
  }

  /** One key/value head for all query heads. */
  public static DecoderConfig multiQuery() {
    return DecoderConfig.llama(41, 24, 2, 3, 1, 32, 64);
  }

  public static List<DecoderConfig> all() {
    return List.of(llama(), qwen2(), qwen3(), biased(), multiQuery());
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
