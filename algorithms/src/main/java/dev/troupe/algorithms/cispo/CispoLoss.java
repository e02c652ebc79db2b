package dev.troupe.algorithms.cispo;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.policy.KlTerm;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.policy.Surrogate;
import dev.troupe.algorithms.ppo.TokenRatio;
import java.util.ArrayList;
import java.util.List;

/**
 * The loss of CISPO (MiniMax-M1, 2025, eq. 4 and 5): REINFORCE with an importance weight that is
 * clipped and not differentiated,
 *
 * <pre>-sg[ clip(ratio, lower, upper) ] * A * logp</pre>
 *
 * for each token. The bounds are those of the weight itself; {@link #around} takes distances from 1
 * instead. Implementations differ: TRL's {@code epsilon_high} is this {@code upper}, the paper's is
 * {@code upper - 1}.
 *
 * @param lower smallest weight, 0 or more; 0 for none, which the paper uses
 * @param upper largest weight, at least {@code lower}, above 0
 */
public record CispoLoss(double lower, double upper) implements Surrogate {
  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException naming each bound that is out of its range
   */
  public CispoLoss {
    List<String> problems = new ArrayList<>();
    if (!(lower >= 0 && lower < Double.POSITIVE_INFINITY)) {
      problems.add("lower is " + lower + ", expected 0 or more");
    }
    if (!(upper > 0 && upper >= lower && upper < Double.POSITIVE_INFINITY)) {
      problems.add("upper is " + upper + ", expected a number above 0 and at least lower");
    }
    Require.none("CISPO weights", problems);
  }

  /**
   * Bounds as distances from 1, the convention of the paper.
   *
   * @param clipLow {@code 1 - lower}, in [0, 1]; 1 for no lower bound
   * @param clipHigh {@code upper - 1}, 0 or more
   * @return the loss
   */
  public static CispoLoss around(double clipLow, double clipHigh) {
    return new CispoLoss(1 - clipLow, 1 + clipHigh);
  }

  @Override
  public NDArray perToken(NDArray logpBT, NDArray ratioBT, NDArray advantageBT) {
    Require.sameLayout("logpBT", logpBT, "ratioBT", ratioBT);
    Require.sameLayout("logpBT", logpBT, "advantageBT", advantageBT);
    NDArray weightBT = ratioBT.stopGradient().clip(lower, upper);
    return weightBT.mul(advantageBT).mul(logpBT).neg();
  }

  @Override
  public boolean isClipped(double ratio, double advantage) {
    return ratio < lower || ratio > upper;
  }

  /**
   * The loss with token ratios and without a divergence term, as published; its batch has weights
   * of the token mean.
   *
   * @return the loss
   */
  public PolicyLoss policyLoss() {
    return new PolicyLoss(new TokenRatio(), this, null, KlTerm.NONE);
  }
}
