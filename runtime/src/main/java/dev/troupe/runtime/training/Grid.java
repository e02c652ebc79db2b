package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Moves values between the list of selected positions and the padded grid that losses see.
 *
 * @param lengths selected positions of each row
 * @param width T of the grid
 */
record Grid(int[] lengths, int width) {

  /** Values of the list as (B, T) with 0 in padding. */
  NDArray toGrid(NDManager manager, float[] list) {
    return toGrid(manager, list, 1).reshape(lengths.length, width);
  }

  /**
   * Values of the list, {@code per} for each position, as (B, T) or (B, T, per) with 0 in padding.
   */
  NDArray toGrid(NDManager manager, float[] list, int per) {
    float[] grid = new float[lengths.length * width * per];
    int at = 0;
    for (int b = 0; b < lengths.length; b++) {
      System.arraycopy(list, at, grid, b * width * per, lengths[b] * per);
      at += lengths[b] * per;
    }
    return manager.create(grid, new Shape(lengths.length, width, per));
  }

  /** The inverse of {@link #toGrid}. */
  float[] toList(float[] grid, int per) {
    int count = 0;
    for (int length : lengths) {
      count += length;
    }
    float[] list = new float[count * per];
    int at = 0;
    for (int b = 0; b < lengths.length; b++) {
      System.arraycopy(grid, b * width * per, list, at, lengths[b] * per);
      at += lengths[b] * per;
    }
    return list;
  }

  /** 1 where a row has a position, (B, T). */
  NDArray mask(NDManager manager) {
    float[] mask = new float[lengths.length * width];
    for (int b = 0; b < lengths.length; b++) {
      for (int t = 0; t < lengths[b]; t++) {
        mask[b * width + t] = 1;
      }
    }
    return manager.create(mask, new Shape(lengths.length, width));
  }
}
