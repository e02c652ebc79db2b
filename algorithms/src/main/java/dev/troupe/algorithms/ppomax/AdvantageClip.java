package dev.troupe.algorithms.ppomax;

import dev.troupe.algorithms.Require;

/**
 * A bound on whitened advantages (PPO-max; MOSS-RLHF's {@code use_advantage_clip}). Whiten over the
 * whole buffer first: over a mini-batch of two it is noise.
 *
 * @param bound the largest absolute advantage; 0 for none. MOSS-RLHF has 0.5
 */
public record AdvantageClip(double bound) {
  /**
   * Checks the bound.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public AdvantageClip {
    Require.within("bound", bound, 0, Double.MAX_VALUE);
  }

  /**
   * Clips a batch.
   *
   * @param rows advantages of the tokens of each response; rows may differ in length and be empty
   * @return new rows of the same lengths
   * @throws IllegalArgumentException if an advantage is not finite
   */
  public double[][] of(double[][] rows) {
    double[][] clipped = new double[rows.length][];
    for (int b = 0; b < rows.length; b++) {
      Require.finite("rows[" + b + "]", rows[b]);
      clipped[b] = rows[b].clone();
      for (int t = 0; t < clipped[b].length && bound > 0; t++) {
        clipped[b][t] = Math.max(-bound, Math.min(bound, clipped[b][t]));
      }
    }
    return clipped;
  }
}
