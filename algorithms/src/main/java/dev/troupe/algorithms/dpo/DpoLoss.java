package dev.troupe.algorithms.dpo;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.preference.SequenceLogp;
import java.util.List;

/** Direct Preference Optimization (Rafailov et al. 2023, eq. 7), with optional label smoothing. */
public final class DpoLoss {
  private DpoLoss() {}

  /**
   * The share of one micro-batch in the loss of its optimiser batch. For a pair with
   *
   * <pre>h = beta * ((chosen - refChosen) - (rejected - refRejected))</pre>
   *
   * it is {@code ((1 - smoothing) * softplus(-h) + smoothing * softplus(h)) / totalPairs}. Each
   * log-probability is a sum over response tokens ({@link SequenceLogp#sum}); those of the
   * reference are constants and can be computed once.
   *
   * @param chosenP log-probability of each chosen response under the policy, nats, (P)
   * @param rejectedP the same for the rejected response, (P)
   * @param refChosenP log-probability of each chosen response under the reference, nats, (P)
   * @param refRejectedP the same for the rejected response, (P)
   * @param settings beta and label smoothing
   * @param totalPairs pairs of the whole optimiser batch, at least as many as here
   * @return scalar loss, shape (), attached to the manager of {@code chosenP}
   * @throws IllegalArgumentException if shapes or types differ, a value is not finite, or {@code
   *     totalPairs} is below 1 or below the pairs given
   */
  public static NDArray loss(
      NDArray chosenP,
      NDArray rejectedP,
      NDArray refChosenP,
      NDArray refRejectedP,
      DpoSettings settings,
      long totalPairs) {
    Require.axes("chosenP", chosenP, "P");
    Require.sameLayout("chosenP", chosenP, "rejectedP", rejectedP);
    Require.sameLayout("chosenP", chosenP, "refChosenP", refChosenP);
    Require.sameLayout("chosenP", chosenP, "refRejectedP", refRejectedP);
    Require.finite(
        List.of("chosenP", "rejectedP", "refChosenP", "refRejectedP"),
        chosenP,
        rejectedP,
        refChosenP,
        refRejectedP);
    Require.total("totalPairs", totalPairs, chosenP.getShape().get(0));

    NDArray logitP =
        implicitReward(chosenP, refChosenP, settings.beta())
            .sub(implicitReward(rejectedP, refRejectedP, settings.beta()));
    NDArray rightP = Activation.softPlus(logitP.neg());
    NDArray wrongP = Activation.softPlus(logitP);
    double smoothing = settings.labelSmoothing();
    return Scalars.times(
        Scalars.times(rightP, 1 - smoothing).add(Scalars.times(wrongP, smoothing)).sum(),
        1.0 / totalPairs);
  }

  /**
   * The reward that the policy implies for each response, {@code beta * (logp - refLogp)} (eq. 5,
   * without its constant per prompt).
   *
   * @param logpP log-probability of each response under the policy, nats, (P)
   * @param refLogpP the same under the reference, nats, (P)
   * @param beta as in {@link DpoSettings}
   * @return rewards, (P)
   * @throws IllegalArgumentException if shapes or types differ
   */
  public static NDArray implicitReward(NDArray logpP, NDArray refLogpP, double beta) {
    Require.sameLayout("logpP", logpP, "refLogpP", refLogpP);
    return Scalars.times(logpP.sub(refLogpP), beta);
  }
}
