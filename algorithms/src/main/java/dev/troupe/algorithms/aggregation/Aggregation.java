package dev.troupe.algorithms.aggregation;

import java.util.Arrays;

/**
 * How the losses of single tokens become the loss of an optimiser batch. The choice is expressed as
 * one weight for each token, computed once for the whole batch, so that
 *
 * <pre>loss = sum over rows b and tokens t of weight[b][t] * tokenLoss[b][t]</pre>
 *
 * and the losses of micro-batches are simply summed. A mean of micro-batch means, the usual
 * mistake, cannot be written with it.
 */
public enum Aggregation {
  /** Every token of the batch weighs the same: 1 / (tokens in the batch). DAPO, PPO, SFT. */
  TOKEN_MEAN {
    @Override
    double weight(long rowTokens, long batchTokens, int rows, int constantLength) {
      return 1.0 / batchTokens;
    }
  },

  /**
   * Every response weighs the same: 1 / (rows * tokens of the row). The GRPO paper. A row without
   * tokens still counts as a row, and contributes nothing.
   */
  SEQUENCE_MEAN_TOKEN_MEAN {
    @Override
    double weight(long rowTokens, long batchTokens, int rows, int constantLength) {
      return 1.0 / ((double) rows * rowTokens);
    }
  },

  /** The mean over rows of the sum over tokens: 1 / rows. Sequence-level REINFORCE. */
  SEQUENCE_MEAN_TOKEN_SUM {
    @Override
    double weight(long rowTokens, long batchTokens, int rows, int constantLength) {
      return 1.0 / rows;
    }
  },

  /**
   * 1 / (rows * constantLength), where the length is a constant of the run, usually the longest
   * allowed response. Dr. GRPO: a long wrong answer is no cheaper per token than a short one.
   */
  CONSTANT_LENGTH {
    @Override
    double weight(long rowTokens, long batchTokens, int rows, int constantLength) {
      return 1.0 / ((double) rows * constantLength);
    }
  };

  abstract double weight(long rowTokens, long batchTokens, int rows, int constantLength);

  /**
   * The weight of each token of a whole optimiser batch.
   *
   * @param lengths tokens of each response; 0 is allowed
   * @param constantLength the constant of {@link #CONSTANT_LENGTH}, in tokens; not read otherwise
   * @return one row for each response, as long as the response
   * @throws IllegalArgumentException if there is no response, a length is negative, or {@link
   *     #CONSTANT_LENGTH} is given a length below 1
   */
  public float[][] weights(int[] lengths, int constantLength) {
    requireBatch(lengths.length, constantLength);
    long batchTokens = 0;
    for (int b = 0; b < lengths.length; b++) {
      if (lengths[b] < 0) {
        throw new IllegalArgumentException(
            "lengths[%d] is %d, expected 0 or more tokens".formatted(b, lengths[b]));
      }
      batchTokens += lengths[b];
    }
    float[][] weights = new float[lengths.length][];
    for (int b = 0; b < lengths.length; b++) {
      weights[b] = new float[lengths[b]];
      if (lengths[b] > 0) {
        Arrays.fill(
            weights[b], (float) weight(lengths[b], batchTokens, lengths.length, constantLength));
      }
    }
    return weights;
  }

  /**
   * The same for responses of which some tokens do not count, such as the output of a tool.
   *
   * @param masks for each response, 1 where a token counts and 0 where it does not; rows may differ
   *     in length
   * @param constantLength the constant of {@link #CONSTANT_LENGTH}, in tokens; not read otherwise
   * @return rows of the lengths of {@code masks}; 0 where the mask is 0
   * @throws IllegalArgumentException if there is no response, a mask value is neither 0 nor 1, or
   *     {@link #CONSTANT_LENGTH} is given a length below 1
   */
  public float[][] weights(float[][] masks, int constantLength) {
    requireBatch(masks.length, constantLength);
    long[] rowTokens = new long[masks.length];
    long batchTokens = 0;
    for (int b = 0; b < masks.length; b++) {
      rowTokens[b] = countTokens(b, masks[b]);
      batchTokens += rowTokens[b];
    }
    float[][] weights = new float[masks.length][];
    for (int b = 0; b < masks.length; b++) {
      weights[b] = new float[masks[b].length];
      if (rowTokens[b] > 0) {
        float weight = (float) weight(rowTokens[b], batchTokens, masks.length, constantLength);
        for (int t = 0; t < masks[b].length; t++) {
          weights[b][t] = masks[b][t] * weight;
        }
      }
    }
    return weights;
  }

  private static long countTokens(int row, float[] mask) {
    long tokens = 0;
    for (int t = 0; t < mask.length; t++) {
      if (mask[t] != 0f && mask[t] != 1f) {
        throw new IllegalArgumentException(
            "masks[%d][%d] is %s, expected 0 or 1".formatted(row, t, mask[t]));
      }
      tokens += (long) mask[t];
    }
    return tokens;
  }

  private void requireBatch(int rows, int constantLength) {
    if (rows == 0) {
      throw new IllegalArgumentException("the batch has 0 responses, expected at least 1");
    }
    if (this == CONSTANT_LENGTH && constantLength < 1) {
      throw new IllegalArgumentException(
          "constantLength is %d, expected at least 1 token for %s".formatted(constantLength, this));
    }
  }
}
