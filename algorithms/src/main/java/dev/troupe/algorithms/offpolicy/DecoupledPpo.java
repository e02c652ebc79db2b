package dev.troupe.algorithms.offpolicy;

import dev.troupe.algorithms.policy.KlTerm;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.algorithms.ppo.TokenRatio;

/**
 * The loss of decoupled PPO (Hilton et al. 2022; AReaL, Fu et al. 2025, eq. 5). The policy that
 * generated a token and the one that the update must stay close to are different ones: with the
 * policy p being trained, the proximal policy o before the update and the behaviour policy g, which
 * may mix several versions inside one response,
 *
 * <pre>sg[w] * -min(ratio A, clip(ratio) A),   ratio = exp(p - o),   w = exp(o - g)</pre>
 *
 * for each token. In the {@link dev.troupe.algorithms.policy.PolicyBatch} o is {@code oldLogpBT}
 * and g is {@code generatorLogpBT}. A weight that is masked stays in the denominator.
 */
public final class DecoupledPpo {
  /** The bound on w that AReaL uses when it is switched on. */
  public static final double AREAL_CAP = 5;

  private DecoupledPpo() {}

  /**
   * The loss.
   *
   * @param clip the clip of the ratio
   * @param behaviour how w is bounded; {@link ImportanceCorrection#unbounded()} as published
   * @return the loss, without a divergence term
   */
  public static PolicyLoss of(ClippedSurrogate clip, ImportanceCorrection behaviour) {
    return new PolicyLoss(new TokenRatio(), clip, behaviour, KlTerm.NONE);
  }
}
