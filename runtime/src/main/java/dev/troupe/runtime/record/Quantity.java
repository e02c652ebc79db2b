package dev.troupe.runtime.record;

import com.fasterxml.jackson.annotation.JsonValue;

/** What an evaluation measures, and how people read its numbers. */
public enum Quantity {
  /** The share of right completions, for rewards that are all or nothing. */
  ACCURACY("accuracy", true),
  /** The mean total reward, in its own unit, for rewards with grades. */
  MEAN_REWARD("mean reward", false),
  /** The expected calibration error of stated confidences: how far they are from the accuracy. */
  CALIBRATION_ERROR("ECE", false),
  /** How well stated confidences tell right from wrong; 0.5 says nothing. */
  DISCRIMINATION("AUROC", false),
  /** The mean squared distance of stated confidences from right and wrong. */
  BRIER("Brier score", false),
  /** How much of the true scores a reward model's scores explain, from 0 to 1. */
  DETERMINATION("R-squared", false),
  /** The divergence of a policy from another, of a whole completion. */
  DIVERGENCE("nats per completion", false);

  private final String label;
  private final boolean isShare;

  Quantity(String label, boolean isShare) {
    this.label = label;
    this.isShare = isShare;
  }

  /** What people call it, such as {@code mean reward}. */
  public String label() {
    return label;
  }

  /** What programs call it, such as {@code mean-reward}. */
  @JsonValue
  public String key() {
    return label.replace(' ', '-');
  }

  /** Whether its values are shares of 1, which people read in percent. */
  public boolean isShare() {
    return isShare;
  }

  /** A value as people read it: {@code 64.0%} or {@code 0.695}. */
  public String text(double value) {
    return isShare ? ReadableNumbers.percent(value) : ReadableNumbers.number(value);
  }

  /** A difference of two values with its sign, without a unit: {@code +52.0} or {@code +0.540}. */
  public String signed(double difference) {
    return isShare ? ReadableNumbers.points(difference) : ReadableNumbers.signed(difference);
  }

  /** A difference of two values with its sign: {@code +52.0 points} or {@code +0.540}. */
  public String change(double difference) {
    return signed(difference) + (isShare ? " points" : "");
  }
}
