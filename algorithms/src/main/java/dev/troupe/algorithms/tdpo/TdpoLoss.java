package dev.troupe.algorithms.tdpo;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.kl.VocabularyDivergence;
import dev.troupe.algorithms.preference.SequenceLogp;
import java.util.List;

/** Token-level Direct Preference Optimization, TDPO1 and TDPO2 (Zeng et al. 2024, section 4). */
public final class TdpoLoss {
  private TdpoLoss() {}

  /**
   * One side of the pairs: all the chosen, or all the rejected responses.
   *
   * @param logpP log-probability of each response under the policy, a sum over its tokens ({@link
   *     SequenceLogp#sum(NDArray, NDArray)}), nats, (P)
   * @param refLogpP the same under the reference, a constant, (P)
   * @param divergenceP sequential divergence of each response: the sum over its positions of {@link
   *     VocabularyDivergence#REFERENCE_TO_POLICY} ({@link SequenceLogp#sum(String, NDArray,
   *     NDArray)}), carrying the gradient of the policy; the loss cuts it where the variant says
   *     so; nats, (P)
   */
  public record Responses(NDArray logpP, NDArray refLogpP, NDArray divergenceP) {}

  /**
   * The share of one micro-batch in the loss of its optimiser batch: for each pair {@code
   * softplus(-logit) / totalPairs}, with the {@link #logit}.
   *
   * @param chosen the preferred responses
   * @param rejected the other ones, in the same order
   * @param settings variant, beta, alpha
   * @param totalPairs pairs of the whole optimiser batch, at least as many as here
   * @return scalar loss, shape (), attached to the manager of the chosen log-probabilities
   * @throws IllegalArgumentException if shapes or types differ, a value is not finite, or {@code
   *     totalPairs} is below 1 or below the pairs given
   */
  public static NDArray loss(
      Responses chosen, Responses rejected, TdpoSettings settings, long totalPairs) {
    NDArray logitP = logit(chosen, rejected, settings);
    Require.total("totalPairs", totalPairs, logitP.getShape().get(0));
    return Scalars.times(Activation.softPlus(logitP.neg()).sum(), 1.0 / totalPairs);
  }

  /**
   * The log-odds that the chosen response is the better one,
   *
   * <pre>
   * TDPO1: beta * (marginW - marginL - (divergenceL - divergenceW))
   * TDPO2: beta * (marginW - marginL - alpha * (divergenceL - sg[divergenceW]))
   * </pre>
   *
   * where the margin of a response is {@code logp - refLogp}, W is the chosen, L the rejected
   * response and sg stops the gradient.
   *
   * @param chosen the preferred responses
   * @param rejected the other ones, in the same order
   * @param settings variant, beta, alpha
   * @return log-odds, nats, (P)
   * @throws IllegalArgumentException if shapes or types differ, or a value is not finite
   */
  public static NDArray logit(Responses chosen, Responses rejected, TdpoSettings settings) {
    requireSameLayouts(chosen, rejected);
    NDArray marginP =
        chosen.logpP().sub(chosen.refLogpP()).sub(rejected.logpP().sub(rejected.refLogpP()));
    NDArray penaltyP =
        settings.variant().penalty(chosen.divergenceP(), rejected.divergenceP(), settings.alpha());
    return Scalars.times(marginP.sub(penaltyP), settings.beta());
  }

  /**
   * The reward that the policy implies for each response, {@code beta * (logp - refLogp +
   * divergence)}, for metrics: without gradient.
   *
   * @param responses the responses
   * @param beta as in {@link TdpoSettings}
   * @return rewards, (P)
   * @throws IllegalArgumentException if shapes or types differ
   */
  public static NDArray implicitReward(Responses responses, double beta) {
    NDArray logpP = responses.logpP().stopGradient();
    Require.sameLayout("logpP", logpP, "refLogpP", responses.refLogpP());
    Require.sameLayout("logpP", logpP, "divergenceP", responses.divergenceP());
    return Scalars.times(
        logpP.sub(responses.refLogpP()).add(responses.divergenceP().stopGradient()), beta);
  }

  private static void requireSameLayouts(Responses chosen, Responses rejected) {
    List<String> names =
        List.of(
            "chosen.logpP",
            "chosen.refLogpP",
            "chosen.divergenceP",
            "rejected.logpP",
            "rejected.refLogpP",
            "rejected.divergenceP");
    NDArray[] arrays = {
      chosen.logpP(),
      chosen.refLogpP(),
      chosen.divergenceP(),
      rejected.logpP(),
      rejected.refLogpP(),
      rejected.divergenceP()
    };
    Require.axes(names.get(0), arrays[0], "P");
    for (int i = 1; i < arrays.length; i++) {
      Require.sameLayout(names.get(0), arrays[0], names.get(i), arrays[i]);
    }
    Require.finite(names, arrays);
  }
}
