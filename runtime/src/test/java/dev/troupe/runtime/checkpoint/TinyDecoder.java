package dev.troupe.runtime.checkpoint;

import dev.troupe.runtime.model.DecoderConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A decoder of a few hundred values, for tests that need some model and not a particular one. */
public final class TinyDecoder {
  static final DecoderConfig CONFIG = DecoderConfig.llama(10, 8, 2, 2, 1, 12, 16);

  private TinyDecoder() {}

  /** Random weights of one type for every tensor of the decoder. */
  public static List<HostTensor> tensors(DecoderConfig config, TensorType dtype) {
    var random = new Random(1);
    var tensors = new ArrayList<HostTensor>();
    config
        .tensorShapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
              for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat() - 0.5f;
              }
              tensors.add(HostTensor.of(name, dtype, values, shape));
            });
    return tensors;
  }
}
