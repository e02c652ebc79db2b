package dev.troupe.runtime.settings;

/**
 * The pull to the reference.
 *
 * @param estimator how the divergence is estimated from a sampled token
 * @param place where it acts
 * @param coefficient weight of the divergence, per nat; 0 = no pull
 * @param ratioWeighted whether a token's divergence in the loss is multiplied by its probability
 *     ratio, which keeps it unbiased once the policy has moved within a step
 * @param target divergence of a completion, nats, to which the weight is driven; 0 = it stays as it
 *     is
 * @param horizon completions in which the weight can change by a fifth of itself
 */
public record KlSettings(
    Estimator estimator,
    Place place,
    double coefficient,
    boolean ratioWeighted,
    double target,
    double horizon) {

  /** Estimators of KL(policy, reference) from d = logp - logp of the reference (Schulman 2020). */
  public enum Estimator {
    /** d: unbiased, high variance; as a loss its gradient vanishes in expectation. */
    K1,
    /** d² / 2: as a loss it has the exact gradient of the reverse divergence. */
    K2,
    /** exp(-d) + d - 1: unbiased, never negative; the one in GRPO's published loss. */
    K3,
    /** The value of k3 with the gradient of k2: verl. */
    K3_PLUS
  }

  /** Where the divergence acts. */
  public enum Place {
    /** A cost that is taken off the reward, token by token. */
    REWARD,
    /** A term of the loss. */
    LOSS
  }

  static KlSettings from(Checked c) {
    Estimator estimator = c.choice("estimator", Estimator.class);
    Place place = c.choice("place", Place.class);
    double coefficient = c.decimal("coefficient", 0.0, 100.0);
    if (c.isSound("estimator", "place", "coefficient") && coefficient > 0) {
      requireEffect(c, estimator, place);
    }
    Checked adaptive = c.section("adaptive");
    double target = adaptive.decimal("target", 0.0, 1e6);
    double horizon = adaptive.decimal("horizon", 1.0, 1e12);
    if (c.isSound("coefficient") && target > 0 && coefficient == 0) {
      adaptive.clash("target", "cannot be reached from " + c.quote("coefficient"), "raise it");
    }
    boolean ratioWeighted = c.bool("ratio-weighted");
    if (c.isSound("ratio-weighted", "place") && ratioWeighted && place == Place.REWARD) {
      c.clash("ratio-weighted", "is about the loss, but " + c.quote("place"), "set it to false");
    }
    return new KlSettings(estimator, place, coefficient, ratioWeighted, target, horizon);
  }

  /** Foundations, section 5: the score-function estimator needs k1, a loss anything else. */
  private static void requireEffect(Checked c, Estimator estimator, Place place) {
    if (place == Place.LOSS && estimator == Estimator.K1) {
      c.clash(
          "estimator",
          "restrains nothing when " + c.quote("place") + ", for its gradient is 0 in expectation",
          "choose k2 or k3, or place = reward");
    } else if (place == Place.REWARD && estimator != Estimator.K1) {
      c.clash(
          "estimator",
          "has the gradient of another divergence when " + c.quote("place"),
          "choose k1, or place = loss");
    }
  }

  /**
   * @return whether a reference is needed that costs rewards
   */
  public boolean isInReward() {
    return coefficient > 0 && place == Place.REWARD;
  }

  /**
   * @return whether a reference is needed by the loss
   */
  public boolean isInLoss() {
    return coefficient > 0 && place == Place.LOSS;
  }
}
