package dev.troupe.runtime.settings;

import java.util.List;
import java.util.Optional;

/**
 * How the weights are moved: AdamW with a schedule and a clipped gradient.
 *
 * @param learningRate peak learning rate
 * @param schedule course of the learning rate after the warm-up
 * @param warmUpSteps optimizer steps in which it rises linearly from 0
 * @param floor where linear and cosine end, as a share of the peak
 * @param beta1 decay of the running mean of the gradient
 * @param beta2 decay of the running mean of its square
 * @param epsilon added to the denominator
 * @param weightDecay decay of matrices, a factor of the learning rate
 * @param maxGradientNorm norm to which the whole gradient is clipped; 0 = never
 * @param microBatchTokens tokens of one forward and backward pass, and padding unless packing
 * @param gradientShards parts of a step whose gradients are summed apart, a power of two
 * @param recompute whether activations are computed again in the backward pass
 * @param packing whether padding is left out of everything but attention
 * @param lora low-rank additions to train in place of the weights, if any
 */
public record OptimizerSettings(
    double learningRate,
    Schedule schedule,
    int warmUpSteps,
    double floor,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double maxGradientNorm,
    int microBatchTokens,
    int gradientShards,
    boolean recompute,
    boolean packing,
    Optional<LoraSettings> lora) {

  private static final double MAX_BETA = 0.99999;

  /** Course of the learning rate after the warm-up. */
  public enum Schedule {
    /** It stays at its peak. */
    CONSTANT,
    /** It falls in a straight line to its floor. */
    LINEAR,
    /** It falls along half a cosine to its floor. */
    COSINE,
    /** It falls with the root of the steps, from the end of the warm-up on: PPO-max. */
    INVERSE_SQUARE_ROOT
  }

  /**
   * The same for a model beside the one that these settings are of: no low-rank additions, and a
   * rate of its own.
   *
   * @param rate peak learning rate
   */
  public OptimizerSettings ofAnother(double rate) {
    return new OptimizerSettings(
        rate,
        schedule,
        warmUpSteps,
        floor,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        maxGradientNorm,
        microBatchTokens,
        gradientShards,
        recompute,
        packing,
        Optional.empty());
  }

  static OptimizerSettings from(Checked c) {
    List<Double> betas = c.decimals("betas", 0.0, MAX_BETA);
    if (c.isSound("betas") && betas.size() != 2) {
      c.refuse("betas", "must be two numbers, such as [0.9, 0.95]");
    }
    boolean paired = c.isSound("betas");
    int shards = c.integer("gradient-shards", 1, 256);
    if (c.isSound("gradient-shards") && Integer.bitCount(shards) != 1) {
      c.refuse("gradient-shards", "must be a power of two, such as 4");
    }
    return new OptimizerSettings(
        c.decimal("learning-rate", 0.0, 1.0),
        c.choice("schedule", Schedule.class),
        c.integer("warm-up-steps", 0, 1_000_000),
        c.decimal("floor", 0.0, 1.0),
        paired ? betas.get(0) : 0,
        paired ? betas.get(1) : 0,
        c.decimal("epsilon", 1e-16, 0.1),
        c.decimal("weight-decay", 0.0, 1.0),
        c.decimal("max-gradient-norm", 0.0, 1e6),
        c.integer("micro-batch-tokens", 1, 1_000_000_000),
        shards,
        c.bool("recompute"),
        c.bool("packing"),
        c.optional("lora", key -> LoraSettings.from(c.section(key))));
  }
}
