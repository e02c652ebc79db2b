package dev.troupe.algorithms.preference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.aggregation.ValidTokens;
import java.util.List;

/** Log-probabilities of whole responses, and their split into preference pairs. */
public final class SequenceLogp {
  private SequenceLogp() {}

  /**
   * The log-probability of each response: the sum, not the mean, over its tokens.
   *
   * @param logpBT log-probability of each token, nats, (B, T); junk where the mask is 0
   * @param maskBT 1 for response tokens, otherwise 0, (B, T)
   * @return differentiable sums, nats, (B); 0 for a response without tokens
   * @throws IllegalArgumentException if shapes or types differ, the mask is not 0 or 1, or a
   *     masked-in value is not finite
   */
  public static NDArray sum(NDArray logpBT, NDArray maskBT) {
    return sum("logpBT", logpBT, maskBT);
  }

  /**
   * The sum over each response of something else that every token has, such as the divergence from
   * a reference.
   *
   * @param name name of the array, for error messages
   * @param valueBT value of each token, (B, T); junk where the mask is 0
   * @param maskBT 1 for response tokens, otherwise 0, (B, T)
   * @return differentiable sums, (B); 0 for a response without tokens
   * @throws IllegalArgumentException if shapes or types differ, the mask is not 0 or 1, or a
   *     masked-in value is not finite
   */
  public static NDArray sum(String name, NDArray valueBT, NDArray maskBT) {
    Require.axes(name, valueBT, "BT");
    Require.sameLayout(name, valueBT, "maskBT", maskBT);
    NDArray keptBT = ValidTokens.ofMask(maskBT).keep(name, valueBT);
    Require.finite(List.of(name), keptBT);
    return keptBT.sum(new int[] {1});
  }

  /**
   * The even rows of a batch that holds pairs as rows (chosen, rejected, chosen, rejected, ...).
   *
   * @param valueB one value for each row, (B), B even
   * @return values of the chosen responses, (B / 2)
   * @throws IllegalArgumentException if B is odd
   */
  public static NDArray chosen(NDArray valueB) {
    return pairs(valueB).get(":, 0");
  }

  /**
   * The odd rows of a batch that holds pairs as rows (chosen, rejected, chosen, rejected, ...).
   *
   * @param valueB one value for each row, (B), B even
   * @return values of the rejected responses, (B / 2)
   * @throws IllegalArgumentException if B is odd
   */
  public static NDArray rejected(NDArray valueB) {
    return pairs(valueB).get(":, 1");
  }

  private static NDArray pairs(NDArray valueB) {
    Require.axes("valueB", valueB, "B");
    long rows = valueB.getShape().get(0);
    if (rows % 2 != 0) {
      throw new IllegalArgumentException(
          "valueB has shape %s, expected an even number of rows (chosen, rejected, ...)"
              .formatted(valueB.getShape()));
    }
    return valueB.reshape(new Shape(rows / 2, 2));
  }
}
