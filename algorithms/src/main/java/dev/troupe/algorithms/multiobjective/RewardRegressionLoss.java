package dev.troupe.algorithms.multiobjective;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.aggregation.ValidTokens;
import java.util.List;

/**
 * The loss of a reward model that predicts an absolute score for each objective (multi-objective
 * GRPO, stage 1): the mean squared error over the labels that are known.
 */
public final class RewardRegressionLoss {
  private RewardRegressionLoss() {}

  /** How the output of the linear head becomes a score. */
  public enum Head {
    /** The output is the score. */
    LINEAR {
      @Override
      NDArray scores(NDArray outputBK) {
        return outputBK;
      }
    },

    /**
     * The logistic function of the output, for labels in [0, 1]: a score cannot leave their range,
     * at the price of gradients that vanish near its ends.
     */
    SIGMOID {
      @Override
      NDArray scores(NDArray outputBK) {
        return Activation.sigmoid(outputBK);
      }
    };

    abstract NDArray scores(NDArray outputBK);
  }

  /**
   * The share of one micro-batch in the loss of its optimiser batch:
   *
   * <pre>sum of mask * (score - target)^2 / totalLabels</pre>
   *
   * What the arrays hold where the mask is 0 does not matter, NaN included; a micro-batch without a
   * label gives 0.
   *
   * @param outputBK output of the head for each response and objective, (B, K)
   * @param targetBK label of each, a constant, (B, K); in [0, 1] for {@link Head#SIGMOID}
   * @param maskBK 1 where the label is known, otherwise 0, (B, K)
   * @param head how outputs become scores
   * @param totalLabels known labels of the whole optimiser batch, at least as many as here
   * @return scalar loss, shape (), attached to the manager of {@code outputBK}
   * @throws IllegalArgumentException if shapes or types differ, the mask holds anything but 0 and
   *     1, a value with a label is not finite, or {@code totalLabels} is below 1 or below the
   *     labels given
   */
  public static NDArray loss(
      NDArray outputBK, NDArray targetBK, NDArray maskBK, Head head, long totalLabels) {
    Require.axes("outputBK", outputBK, "BK");
    Require.sameLayout("outputBK", outputBK, "targetBK", targetBK);
    Require.sameLayout("outputBK", outputBK, "maskBK", maskBK);
    ValidTokens known = ValidTokens.ofMask(maskBK);
    NDArray scoreBK = known.keep("outputBK", outputBK);
    NDArray labelBK = known.keep("targetBK", targetBK);
    Require.finite(List.of("outputBK", "targetBK"), scoreBK, labelBK);
    Require.total("totalLabels", totalLabels, maskBK.neq(0).countNonzero().getLong());

    NDArray errorBK = known.keep("error", head.scores(scoreBK).sub(labelBK));
    return Scalars.times(errorBK.square().sum(), 1.0 / totalLabels);
  }
}
