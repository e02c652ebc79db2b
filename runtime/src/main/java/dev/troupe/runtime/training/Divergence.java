package dev.troupe.runtime.training;

/**
 * Which Kullback-Leibler divergence is taken between the policy's distribution p of the next token
 * and the reference's q, both at the temperature of the step.
 */
public enum Divergence {
  /** {@code sum_v q(v) [log q(v) - log p(v)]}, the forward KL of TDPO and SuperHF. */
  REFERENCE_TO_POLICY(1),
  /** {@code sum_v p(v) [log p(v) - log q(v)]}, the exact form of the KL that RLHF penalises. */
  POLICY_TO_REFERENCE(2);

  private final int way;

  Divergence(int way) {
    this.way = way;
  }

  /** Its number in the training program. */
  int way() {
    return way;
  }
}
