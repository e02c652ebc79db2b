package dev.troupe.algorithms.ppo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.aggregation.ValidTokens;
import java.util.List;

/**
 * The loss of the critic of PPO, as in OpenAI's baselines and OpenRLHF: half the squared error,
 * where a value that has left the range around its old one pays for the edge of the range if that
 * is worse,
 *
 * <pre>0.5 * max( (V - R)^2, (clip(V, oldV - clip, oldV + clip) - R)^2 )</pre>
 *
 * <p>The clipped branch has no gradient. On the edge itself both branches are equal and the
 * unclipped one counts.
 *
 * @param clip how far a value may move in one update, in units of the return; 0 for no bound
 */
public record ValueLoss(double clip) {
  /**
   * Checks the clip.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public ValueLoss {
    Require.within("clip", clip, 0, Double.MAX_VALUE);
  }

  /**
   * The share of one micro-batch in the loss of its optimiser batch.
   *
   * @param valueBT the critic's value of the state before each token, (B, T)
   * @param oldValueBT the same before the update; a constant, (B, T); not read without a clip, and
   *     may then be null
   * @param returnBT return of each token, made from advantages that are not whitened; a constant,
   *     (B, T)
   * @param weightBT weight of each token from {@link Aggregation#weights}, for the whole optimiser
   *     batch; 0 where there is none, (B, T)
   * @return scalar loss, shape (), attached to the manager of {@code valueBT}; 0 without a token
   * @throws IllegalArgumentException if shapes or types differ, the old values are missing, or a
   *     value with a weight is not finite
   */
  public NDArray loss(NDArray valueBT, NDArray oldValueBT, NDArray returnBT, NDArray weightBT) {
    Require.axes("valueBT", valueBT, "BT");
    Require.sameLayout("valueBT", valueBT, "returnBT", returnBT);
    Require.sameLayout("valueBT", valueBT, "weightBT", weightBT);
    ValidTokens valid = ValidTokens.ofWeights(weightBT);
    NDArray presentBT = valid.keep("valueBT", valueBT);
    NDArray targetBT = valid.keep("returnBT", returnBT);
    Require.finite(List.of("valueBT", "returnBT"), presentBT, targetBT);
    NDArray errorBT = presentBT.sub(targetBT).square();

    if (clip > 0) {
      if (oldValueBT == null) {
        throw new IllegalArgumentException(
            "oldValueBT is missing, expected the values before the update because clip is " + clip);
      }
      Require.sameLayout("valueBT", valueBT, "oldValueBT", oldValueBT);
      NDArray oldBT = valid.keep("oldValueBT", oldValueBT);
      Require.finite(List.of("oldValueBT"), oldBT);
      NDArray lowestBT = oldBT.sub(clip);
      NDArray highestBT = oldBT.add(clip);
      NDArray clippedBT =
          NDArrays.minimum(NDArrays.maximum(presentBT.stopGradient(), lowestBT), highestBT);
      NDArray clippedErrorBT = clippedBT.sub(targetBT).square();
      errorBT = NDArrays.where(clippedErrorBT.gt(errorBT), clippedErrorBT, errorBT);
    }
    return Scalars.times(errorBT.mul(weightBT).sum(), 0.5);
  }
}
