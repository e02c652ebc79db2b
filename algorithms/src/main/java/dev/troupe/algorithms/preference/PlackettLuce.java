package dev.troupe.algorithms.preference;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Require;
import java.util.List;

/**
 * The likelihood of a whole ranking (Plackett 1975, Luce 1959): the best candidate is chosen from
 * all, then the second from those that are left, and so on. With two candidates it is the
 * Bradley-Terry model.
 */
public final class PlackettLuce {
  private PlackettLuce() {}

  /**
   * The negative log-likelihood of each ranking,
   *
   * <pre>sum over k &lt; l - 1 of -log( exp(s_k) / sum over j &gt;= k of exp(s_j) )</pre>
   *
   * @param scoreEL score of every candidate, best candidate first, (E, L)
   * @return differentiable, nats, (E); 0 for rankings of fewer than two candidates
   * @throws IllegalArgumentException if a score is not finite
   */
  public static NDArray negativeLogLikelihood(NDArray scoreEL) {
    Require.axes("scoreEL", scoreEL, "EL");
    Require.finite(List.of("scoreEL"), scoreEL);
    NDArray lossE = scoreEL.zerosLike().sum(new int[] {1});
    for (long k = 0; k < scoreEL.getShape().get(1) - 1; k++) {
      lossE = lossE.add(firstAgainstAll(scoreEL.get(":, {}:", k)));
    }
    return lossE;
  }

  /**
   * One stage: the negative log-probability that a softmax over the candidates picks the first.
   *
   * @param logitEJ logit of each candidate; minus infinity, except in the first column, for one
   *     that takes no part, (E, J)
   * @return differentiable, nats, (E)
   */
  public static NDArray firstAgainstAll(NDArray logitEJ) {
    return logitEJ.logSoftmax(1).get(":, 0").neg();
  }
}
