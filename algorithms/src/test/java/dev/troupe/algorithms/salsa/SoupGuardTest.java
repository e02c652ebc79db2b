package dev.troupe.algorithms.salsa;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.testing.Torch;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SoupGuardTest {
  private static final double EXACT = 1e-12;

  @Test
  void measuresDistanceAndAngleOverAllTensors() {
    try (NDManager manager = Torch.manager()) {
      NDArray ids = manager.create(new long[] {7});
      Map<String, NDArray> base =
          Map.of("a", floats(manager, 1, 1), "b", floats(manager, 1), "i", ids);
      Map<String, NDArray> first =
          Map.of("a", floats(manager, 4, 1), "b", floats(manager, 1), "i", ids);
      Map<String, NDArray> second =
          Map.of("a", floats(manager, 4, 1), "b", floats(manager, 5), "i", ids);
      // task vectors (3, 0, 0) and (3, 0, 4): cosine 9 / (3 * 5); distance 4
      SoupGuard.Likeness likeness = SoupGuard.compare(base, first, second);
      assertEquals(4, likeness.distance(), EXACT);
      assertEquals(0.6, likeness.cosine(), EXACT);
      assertArrayEquals(new float[] {4, 1}, first.get("a").toFloatArray());
    }
  }

  @Test
  void leavesFloat64ModelsAlone() {
    try (NDManager manager = Torch.manager()) {
      Map<String, NDArray> base = Map.of("a", Torch.vector(manager, 0));
      Map<String, NDArray> first = Map.of("a", Torch.vector(manager, 1));
      Map<String, NDArray> second = Map.of("a", Torch.vector(manager, -1));
      assertEquals(-1, SoupGuard.compare(base, first, second).cosine(), EXACT);
      assertArrayEquals(new double[] {1}, first.get("a").toDoubleArray());
    }
  }

  @Test
  void refusesModelsThatWouldMakeAPointlessSoup() {
    try (NDManager manager = Torch.manager()) {
      Map<String, NDArray> base = Map.of("a", floats(manager, 0));
      Map<String, NDArray> tuned = Map.of("a", floats(manager, 1));
      assertRefused(
          "the two models are equal, expected different fine-tunings (another seed or data order)",
          () -> SoupGuard.compare(base, tuned, tuned));
      assertRefused(
          "the second model is equal to the base, expected a fine-tuned model",
          () -> SoupGuard.compare(base, tuned, base));
    }
  }

  @Test
  void refusesModelsThatDoNotFitOrAreBroken() {
    try (NDManager manager = Torch.manager()) {
      Map<String, NDArray> base = Map.of("a", floats(manager, 0));
      Map<String, NDArray> tuned = Map.of("a", floats(manager, 1));
      Map<String, NDArray> renamed = Map.of("b", floats(manager, 1));
      Map<String, NDArray> longer = Map.of("a", floats(manager, 1, 2));
      Map<String, NDArray> broken = Map.of("a", floats(manager, Float.NaN));
      assertRefused(
          "the first model lacks the tensors [a] and has the unknown tensors [b],"
              + " expected the names of the base",
          () -> SoupGuard.compare(base, renamed, tuned));
      assertRefused(
          "tensor a of the second model is float32 (2), expected float32 (1)",
          () -> SoupGuard.compare(base, tuned, longer));
      assertRefused(
          "tensor a of the second model (1) holds NaN or an infinity, expected finite numbers",
          () -> SoupGuard.compare(base, tuned, broken));
    }
  }

  private static NDArray floats(NDManager manager, float... values) {
    return manager.create(values);
  }
}
