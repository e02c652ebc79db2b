package dev.troupe.runtime.training;

import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.NumericType;
import java.util.Optional;

/**
 * How a decoder is trained.
 *
 * @param learningRate the schedule over optimizer steps
 * @param beta1 decay of AdamW's first moment
 * @param beta2 decay of AdamW's second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled decay of matrices; vectors have none
 * @param maxGradientNorm gradients are scaled down to this global norm
 * @param compute type of matrix products; masters and moments are float32
 * @param microBatchTokens tokens of one forward and backward pass, padding included; a single unit
 *     may exceed it
 * @param rowsPerUnit consecutive sequences that one micro-batch must hold together (2 for pairs)
 * @param gradientShards into how many consecutive parts of about as many tokens a step is divided,
 *     whose gradients are summed apart and added in pairs: a power of two. Parts can be computed
 *     side by side and by several learners; they are the same whoever computes them
 * @param packing leave padding out of everything but attention; the result is the same
 * @param recompute keep only the blocks' inputs and compute activations again in the backward pass
 * @param lora train low-rank adapters instead of the weights
 * @param adapterSeed seed of fresh adapters
 */
public record TrainerSettings(
    LearningRate learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double maxGradientNorm,
    NumericType compute,
    int microBatchTokens,
    int rowsPerUnit,
    int gradientShards,
    boolean packing,
    boolean recompute,
    Optional<LoraSettings> lora,
    long adapterSeed) {

  private static final int SHARDS = 4;

  /** Checks the number of shards. */
  public TrainerSettings {
    if (Integer.bitCount(gradientShards) != 1) {
      throw new IllegalArgumentException(
          "gradient shards = " + gradientShards + " is not a power of two");
    }
  }

  /**
   * AdamW with betas 0.9 and 0.95, epsilon 1e-8, no decay, gradient norm 1, in float32 with 4
   * gradient shards and packed micro-batches of 8192 tokens.
   */
  public static TrainerSettings of(LearningRate learningRate) {
    return new TrainerSettings(
        learningRate,
        0.9,
        0.95,
        1e-8,
        0,
        1,
        NumericType.FP32,
        8192,
        1,
        SHARDS,
        true,
        false,
        Optional.empty(),
        0);
  }

  /** The same with another compute type. */
  public TrainerSettings withCompute(NumericType type) {
    return new TrainerSettings(
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        maxGradientNorm,
        type,
        microBatchTokens,
        rowsPerUnit,
        gradientShards,
        packing,
        recompute,
        lora,
        adapterSeed);
  }

  /** The same with other micro-batches. */
  public TrainerSettings withMicroBatches(int tokens, int rows, boolean packed, boolean again) {
    return new TrainerSettings(
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        maxGradientNorm,
        compute,
        tokens,
        rows,
        gradientShards,
        packed,
        again,
        lora,
        adapterSeed);
  }

  /** The same with another number of gradient shards. */
  public TrainerSettings withShards(int shards) {
    return new TrainerSettings(
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        maxGradientNorm,
        compute,
        microBatchTokens,
        rowsPerUnit,
        shards,
        packing,
        recompute,
        lora,
        adapterSeed);
  }

  /** The same with adapters. */
  public TrainerSettings withAdapters(LoraSettings adapters, long seed) {
    return new TrainerSettings(
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        maxGradientNorm,
        compute,
        microBatchTokens,
        rowsPerUnit,
        gradientShards,
        packing,
        recompute,
        Optional.of(adapters),
        seed);
  }
}
