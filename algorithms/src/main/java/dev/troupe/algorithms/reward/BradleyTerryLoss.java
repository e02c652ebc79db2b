package dev.troupe.algorithms.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import java.util.List;

/** The loss of a reward model that learns from comparisons (Bradley and Terry 1952). */
public final class BradleyTerryLoss {
  private BradleyTerryLoss() {}

  /**
   * The share of one micro-batch in the loss of its optimiser batch:
   *
   * <pre>
   * sum of softplus(-(chosen - rejected - margin)) + centring * (chosen + rejected)^2, / totalPairs
   * </pre>
   *
   * Only differences of rewards matter to the first term, so their mean is arbitrary; the second
   * keeps it near 0.
   *
   * @param chosenP reward of the preferred response of each pair, (P)
   * @param rejectedP reward of the other one, (P)
   * @param marginP by how much the preferred reward should be larger; a constant, (P), or null for
   *     0
   * @param centring coefficient of the second term, 0 or more
   * @param totalPairs pairs of the whole optimiser batch, at least as many as here
   * @return scalar loss, shape (), attached to the manager of {@code chosenP}
   * @throws IllegalArgumentException if shapes or types differ, a value is not finite, {@code
   *     centring} is negative, or {@code totalPairs} is below 1 or below the pairs given
   */
  public static NDArray loss(
      NDArray chosenP, NDArray rejectedP, NDArray marginP, double centring, long totalPairs) {
    return loss(chosenP, rejectedP, marginP, centring, 0, totalPairs);
  }

  /**
   * The same with an offset to the probability that the preferred response is preferred, which
   * bounds the loss and lets go of hopeless pairs (MOSS-RLHF, {@code rm/reward_trainer.py}, with
   * 1e-5):
   *
   * <pre>-log(sigmoid(d) + offset), d = chosen - rejected - margin</pre>
   *
   * Its slope is {@code -s (1 - s) / (s + offset)} with {@code s = sigmoid(d)}: about -1/2 at
   * {@code s = offset}, and towards 0 for a pair that is far on the wrong side, where the plain
   * loss pulls with all its force. The loss of a pair is at most {@code -log(offset)} and may fall
   * below 0, to {@code -log(1 + offset)}.
   *
   * @param offset added to the probability, in [0, 1); 0 for the loss of Bradley and Terry itself
   * @throws IllegalArgumentException also if the offset is not in its range
   */
  public static NDArray loss(
      NDArray chosenP,
      NDArray rejectedP,
      NDArray marginP,
      double centring,
      double offset,
      long totalPairs) {
    Require.axes("chosenP", chosenP, "P");
    Require.sameLayout("chosenP", chosenP, "rejectedP", rejectedP);
    Require.finite(List.of("chosenP", "rejectedP"), chosenP, rejectedP);
    Require.within("centring", centring, 0, Double.MAX_VALUE);
    Require.within("offset", offset, 0, Math.nextDown(1.0));
    Require.total("totalPairs", totalPairs, chosenP.getShape().get(0));

    NDArray differenceP = chosenP.sub(rejectedP);
    if (marginP != null) {
      Require.sameLayout("chosenP", chosenP, "marginP", marginP);
      Require.finite(List.of("marginP"), marginP);
      differenceP = differenceP.sub(marginP);
    }
    NDArray pairLossP =
        offset == 0
            ? Activation.softPlus(differenceP.neg())
            : Scalars.plus(Activation.sigmoid(differenceP), offset).log().neg();
    if (centring > 0) {
      pairLossP = pairLossP.add(Scalars.times(chosenP.add(rejectedP).square(), centring));
    }
    return Scalars.times(pairLossP.sum(), 1.0 / totalPairs);
  }
}
