package dev.troupe.algorithms;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.testing.Torch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RequireTest {
  @Test
  void finiteNumbersWhoseSumOverflowsAreAccepted() {
    try (NDManager manager = Torch.manager()) {
      NDArray huge = manager.create(new float[] {3e38f, 3e38f}, new Shape(1, 2));
      assertDoesNotThrow(() -> Require.finite(List.of("a", "b"), huge, huge));
    }
  }

  @Test
  void theArrayThatIsNotFiniteIsNamed() {
    try (NDManager manager = Torch.manager()) {
      NDArray good = Torch.matrix(manager, new double[] {1, 2});
      NDArray bad = Torch.matrix(manager, new double[] {1, Double.NEGATIVE_INFINITY});
      assertRefused(
          "b (1, 2) at index 1 is -Infinity, expected a finite number",
          () -> Require.finite(List.of("a", "b"), good, bad));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "FLOAT32", "FLOAT64"})
  void floatingTypesAreCopiedToTheHost(DataType type) {
    try (NDManager manager = Torch.manager()) {
      NDArray array = Torch.vector(manager, 1.5, -2).toType(type, false);
      assertArrayEquals(new double[] {1.5, -2}, HostCopy.doubles(array));
    }
  }
}
