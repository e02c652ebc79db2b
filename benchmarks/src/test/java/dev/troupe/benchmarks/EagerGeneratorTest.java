package dev.troupe.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The baseline of decoding computes what it claims to. */
class EagerGeneratorTest {
  private static final float LOGP_TOLERANCE = 5e-5f;

  @ParameterizedTest
  @EnumSource(EagerGenerator.Draw.class)
  void itsLogProbabilitiesAreThoseOfTheDecoderWithoutACache(EagerGenerator.Draw draw) {
    DecoderConfig config = DecoderConfig.llama(41, 24, 2, 6, 2, 32, 32);
    int rows = 3;
    int prompt = 5;
    int added = 12;
    long[] prompts = new Random(1).longs((long) rows * prompt, 0, config.vocabSize()).toArray();
    try (Accelerator accelerator = Accelerator.of("cpu", 2);
        DecoderWeights weights = DecoderWeights.random(accelerator, config, 1);
        EagerGenerator generator = new EagerGenerator(weights, draw);
        EagerDecoder decoder = new EagerDecoder(weights)) {
      EagerGenerator.Generated generated = generator.generate(prompts, rows, added);
      for (int row = 0; row < rows; row++) {
        long[] text = new long[prompt + added];
        System.arraycopy(prompts, row * prompt, text, 0, prompt);
        for (int j = 0; j < added; j++) {
          text[prompt + j] = generated.tokens()[j][row];
        }
        NDArray logpTV =
            decoder
                .logits(decoder.manager().create(text, new Shape(1, text.length)))
                .get(0)
                .logSoftmax(-1);
        for (int j = 0; j < added; j++) {
          assertEquals(
              logpTV.getFloat(prompt + j - 1L, text[prompt + j]),
              generated.logps()[j][row],
              LOGP_TOLERANCE);
        }
      }
    }
  }
}
