package dev.troupe.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.RopeScaling;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights of every kind of decoder arrive as what they were sent as. */
class WeightsBundleTest {
  static Stream<DecoderConfig> decoders() {
    Stream<DecoderConfig> scaled =
        Stream.of(new RopeScaling.Dynamic(2), new RopeScaling.Llama3(8, 1, 4, 32))
            .map(
                scaling ->
                    TinyDecoders.llama().withTraits(DecoderTraits.PLAIN.withRotary(1, scaling)));
    return Stream.concat(TinyDecoders.all().stream(), scaled);
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void theBytesOfABundleSayAllThatIsToBeKnownOfTheWeights(DecoderConfig config) {
    try (Accelerator accelerator = Accelerator.of("cpu", 1);
        DecoderWeights weights = TinyDecoders.weights(accelerator, config, 3)) {
      WeightsBundle bundle =
          WeightsBundle.read(WeightsBundle.moving(weights, WeightPrecision.FULL));
      assertEquals(config, bundle.manifest().config());
      assertEquals(weights.digest(), bundle.digest());
      try (DecoderWeights arrived = bundle.onto(accelerator, null)) {
        assertEquals(weights.toHost(), arrived.toHost());
      }
    }
  }
}
