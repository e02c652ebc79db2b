package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * What a loss sees of a part of the step: the decoder's outputs as leaves that carry gradients.
 *
 * <p>The losses of the micro-batches of one step are summed, so a loss normalises by totals of the
 * whole step. All arrays are attached to the manager, which is closed after the micro-batch.
 *
 * @param manager owner of everything that the loss creates
 * @param rows which sequences of the step these are
 * @param logpBT log-probability in nats of each response token, 0 in padding, (B, T); all 0 unless
 *     the selection is {@link Selection#RESPONSE}
 * @param entropyBT entropy in nats of the distribution of each response token, (B, T); all 0 unless
 *     the selection is {@link Selection#RESPONSE}
 * @param scoresBTC outputs of the score head at the selected positions, (B, T, C), or null without
 *     one; T is 1 for {@link Selection#LAST}
 * @param referenceLogpBT log-probability in nats of each response token under the reference of the
 *     step, 0 in padding, without gradient, (B, T), or null when the step has no reference
 * @param divergenceBT divergence in nats between policy and reference over the whole vocabulary at
 *     each response token, in the direction that the reference names, 0 in padding, (B, T), or null
 *     when the step has no reference
 * @param maskBT 1 for response tokens, 0 for padding, (B, T)
 * @param tally where the loss keeps what is to be told of the step
 */
public record MicroBatch(
    NDManager manager,
    int[] rows,
    NDArray logpBT,
    NDArray entropyBT,
    NDArray scoresBTC,
    NDArray referenceLogpBT,
    NDArray divergenceBT,
    NDArray maskBT,
    Tally tally) {

  /** Longest response of the micro-batch. */
  public int width() {
    return (int) maskBT.getShape().get(1);
  }

  /**
   * Lays out per-token values of the whole step as this micro-batch's rows: (B, T), 0 in padding.
   *
   * @param values for every sequence of the step its response tokens' values
   */
  public NDArray rows(List<float[]> values) {
    int width = width();
    float[] flat = new float[rows.length * width];
    for (int b = 0; b < rows.length; b++) {
      float[] row = values.get(rows[b]);
      System.arraycopy(row, 0, flat, b * width, Math.min(row.length, width));
    }
    return manager.create(flat, new Shape(rows.length, width));
  }
}
