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
    Require.axes("chosenP", chosenP, "P");
    Require.sameLayout("chosenP", chosenP, "rejectedP", rejectedP);
    Require.finite(List.of("chosenP", "rejectedP"), chosenP, rejectedP);
    Require.within("centring", centring, 0, Double.MAX_VALUE);
    Require.total("totalPairs", totalPairs, chosenP.getShape().get(0));

    NDArray differenceP = chosenP.sub(rejectedP);
    if (marginP != null) {
      Require.sameLayout("chosenP", chosenP, "marginP", marginP);
      Require.finite(List.of("marginP"), marginP);
      differenceP = differenceP.sub(marginP);
    }
    NDArray pairLossP = Activation.softPlus(differenceP.neg());
    if (centring > 0) {
      pairLossP = pairLossP.add(Scalars.times(chosenP.add(rejectedP).square(), centring));
    }
    return Scalars.times(pairLossP.sum(), 1.0 / totalPairs);
  }
}
