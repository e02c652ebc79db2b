package dev.troupe.algorithms.salsa;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.testing.Torch;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelSoupTest {
  @Test
  void averagesWithTheSharesAndLeavesTheMembersAlone() {
    try (NDManager manager = Torch.manager()) {
      NDArray first = manager.create(new float[] {1, 2});
      NDArray second = manager.create(new float[] {5, -2});
      NDArray third = manager.create(new float[] {0, 8});
      // 0.5 * (1, 2) + 0.25 * (5, -2) + 0.25 * (0, 8); all exact in binary
      NDArray soup =
          ModelSoup.average(manager, "w", List.of(first, second, third), 0.5, 0.25, 0.25);
      assertArrayEquals(new float[] {1.75f, 2.5f}, soup.toFloatArray());
      assertArrayEquals(new float[] {1, 2}, first.toFloatArray());
      assertArrayEquals(new float[] {5, -2}, second.toFloatArray());
    }
  }

  @Test
  void aShareOfOneGivesThatMemberBitForBit() {
    try (NDManager manager = Torch.manager()) {
      float[] bits = {-0f, Float.MIN_VALUE, 0.1f, -3.4e38f};
      NDArray member = manager.create(bits);
      NDArray other = manager.create(new float[] {Float.POSITIVE_INFINITY, Float.NaN, 1e38f, 7});
      float[] soup = ModelSoup.average(manager, "w", List.of(other, member), 0, 1).toFloatArray();
      for (int i = 0; i < bits.length; i++) {
        assertEquals(Float.floatToRawIntBits(bits[i]), Float.floatToRawIntBits(soup[i]));
      }
    }
  }

  @Test
  void addsInFloat32WhereHalfPrecisionWouldOverflow() {
    try (NDManager manager = Torch.manager()) {
      NDArray half = manager.create(new float[] {60000}).toType(DataType.FLOAT16, false);
      NDArray soup = ModelSoup.average(manager, "w", List.of(half, half, half), 0.5, 0.25, 0.25);
      assertEquals(DataType.FLOAT16, soup.getDataType());
      assertArrayEquals(
          half.toType(DataType.FLOAT32, false).toFloatArray(),
          soup.toType(DataType.FLOAT32, false).toFloatArray());
    }
  }

  @Test
  void refusesBfloat16WhichTheEngineCannotWrite() {
    // The engine cannot make such an array either, so this one only says what it is.
    NDArray brain =
        (NDArray)
            Proxy.newProxyInstance(
                NDArray.class.getClassLoader(),
                new Class<?>[] {NDArray.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "getDataType" -> DataType.BFLOAT16;
                      case "getShape" -> new Shape(2);
                      default -> throw new AssertionError(method);
                    });
    try (NDManager manager = Torch.manager()) {
      assertRefused(
          "tensor w is bfloat16 (2), expected float32: widen the models before averaging them",
          () -> ModelSoup.average(manager, "w", List.of(brain), 1));
    }
  }

  @Test
  void copiesIntegersFromTheFirstModel() {
    try (NDManager manager = Torch.manager()) {
      NDArray first = manager.create(new long[] {1, 2});
      NDArray second = manager.create(new long[] {3, 4});
      NDArray soup = ModelSoup.average(manager, "ids", List.of(first, second), 0.5, 0.5);
      first.addi(10);
      assertArrayEquals(new long[] {1, 2}, soup.toLongArray());
    }
  }

  @Test
  void theResultBelongsToTheManagerItWasAskedFor() {
    try (NDManager manager = Torch.manager();
        NDManager owner = manager.newSubManager()) {
      NDArray soup;
      try (NDManager models = manager.newSubManager()) {
        NDArray one = models.ones(new Shape(2));
        soup = ModelSoup.average(owner, "w", List.of(one, one), 0.5, 0.5);
      }
      assertArrayEquals(new float[] {1, 1}, soup.toFloatArray());
    }
  }

  @Test
  void refusesOtherShapesAndSharesThatAreNoPartition() {
    try (NDManager manager = Torch.manager()) {
      NDArray two = manager.ones(new Shape(2));
      NDArray three = manager.ones(new Shape(3));
      assertRefused(
          "tensor lm_head.weight of model 1 is float32 (3), expected float32 (2)",
          () -> ModelSoup.average(manager, "lm_head.weight", List.of(two, three), 0.5, 0.5));
      assertRefused(
          "members is empty, expected at least 1 model",
          () -> ModelSoup.average(manager, "w", List.of()));
      assertRefused(
          "shares has length 1, expected 2 like members",
          () -> ModelSoup.average(manager, "w", List.of(two, two), 1));
      assertRefused(
          "shares [0.5, 0.6] sum to 1.1, expected 1",
          () -> ModelSoup.average(manager, "w", List.of(two, two), 0.5, 0.6));
      assertRefused(
          "shares[0] is -0.5, expected a number in [0.0, 1.0]",
          () -> ModelSoup.average(manager, "w", List.of(two, two), -0.5, 1.5));
    }
  }
}
