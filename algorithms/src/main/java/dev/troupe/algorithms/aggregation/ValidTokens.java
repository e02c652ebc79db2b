package dev.troupe.algorithms.aggregation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.Require;
import java.util.List;

/**
 * The positions of a padded batch that hold a token which counts. What lies elsewhere is junk, and
 * may be NaN. So junk is replaced <em>before</em> anything is computed from it: multiplying a
 * result by 0 would keep NaN as NaN, and would keep it in the gradient even where the value is
 * repaired.
 */
public final class ValidTokens {
  private static final int[] ROW = {1};

  private final NDArray isValidBT;

  private ValidTokens(NDArray isValidBT) {
    this.isValidBT = isValidBT;
  }

  /**
   * The positions that {@link Aggregation} gave a weight.
   *
   * @param weightBT weights padded with 0, (B, T)
   * @return the positions, held by the manager of {@code weightBT}
   * @throws IllegalArgumentException if {@code weightBT} does not have two axes, or is not finite
   */
  public static ValidTokens ofWeights(NDArray weightBT) {
    Require.axes("weightBT", weightBT, "BT");
    Require.finite(List.of("weightBT"), weightBT);
    return new ValidTokens(weightBT.neq(0));
  }

  /**
   * The positions where a mask is 1.
   *
   * @param maskBT 1 for tokens that count, otherwise 0, (B, T)
   * @return the positions, held by the manager of {@code maskBT}
   * @throws IllegalArgumentException if {@code maskBT} does not have two axes, or holds anything
   *     but 0 and 1
   */
  public static ValidTokens ofMask(NDArray maskBT) {
    Require.axes("maskBT", maskBT, "BT");
    NDArray isZeroOrOneBT = maskBT.eq(0).logicalOr(maskBT.eq(1));
    if (!isZeroOrOneBT.all().getBoolean()) {
      double[] values = HostCopy.doubles(maskBT);
      long columns = maskBT.getShape().get(1);
      for (int i = 0; i < values.length; i++) {
        if (values[i] != 0 && values[i] != 1) {
          throw new IllegalArgumentException(
              "maskBT %s at row %d, column %d is %s, expected 0 or 1"
                  .formatted(maskBT.getShape(), i / columns, i % columns, values[i]));
        }
      }
    }
    return new ValidTokens(maskBT.eq(1));
  }

  /**
   * The array with 0 wherever no token counts.
   *
   * @param name name of the array, for the error message
   * @param valueBT any values, (B, T)
   * @return a differentiable copy, (B, T); no gradient reaches the junk
   * @throws IllegalArgumentException if the shape is not that of the mask
   */
  public NDArray keep(String name, NDArray valueBT) {
    if (!valueBT.getShape().equals(isValidBT.getShape())) {
      throw new IllegalArgumentException(
          "%s has shape %s, expected %s like the mask"
              .formatted(name, valueBT.getShape(), isValidBT.getShape()));
    }
    return NDArrays.where(isValidBT, valueBT, valueBT.zerosLike());
  }

  /**
   * The mean over the tokens of each row that count.
   *
   * @param valueBT differentiable values, 0 wherever no token counts, (B, T)
   * @return means, (B, 1); 0 for a row in which no token counts
   * @throws IllegalArgumentException if the shape is not that of the mask
   */
  public NDArray rowMeans(NDArray valueBT) {
    NDArray keptBT = keep("valueBT", valueBT);
    NDArray tokensB1 = isValidBT.toType(keptBT.getDataType(), false).sum(ROW, true).maximum(1);
    return keptBT.sum(ROW, true).div(tokensB1);
  }
}
