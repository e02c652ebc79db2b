package dev.troupe.runtime.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The index arrays of texts that are read together. Their tokens lie in one list, filled up to a
 * whole step, without which a product could take another kernel and round otherwise; only attention
 * sees them on a padded grid.
 *
 * @param tokensN tokens, int64
 * @param positionsN position of each token in its text
 * @param slotN place of each token in the grid, or empty when the list is the grid
 * @param endsU index of each text's last token in the list
 * @param columns width of the grid
 */
record Prompts(NDArray tokensN, NDArray positionsN, NDArray slotN, NDArray endsU, int columns)
    implements AutoCloseable {

  /**
   * @param texts with at least one token each
   * @param step of which the grid's width is a multiple
   */
  static Prompts of(NDManager manager, List<int[]> texts, int step) {
    int longest = texts.stream().mapToInt(text -> text.length).max().orElseThrow();
    int columns = GenerationEngine.rounded(longest, step);
    int total = texts.stream().mapToInt(text -> text.length).sum();
    int cells = texts.size() * columns;
    int listed = GenerationEngine.rounded(total, step);
    long[] tokens = new long[listed];
    long[] positions = new long[listed];
    long[] slots = new long[listed];
    long[] ends = new long[texts.size()];
    long spare = 0;
    int at = 0;
    for (int row = 0; row < ends.length; row++) {
      int[] text = texts.get(row);
      for (int position = 0; position < text.length; position++, at++) {
        tokens[at] = text[position];
        positions[at] = position;
        slots[at] = (long) row * columns + position;
      }
      ends[row] = at - 1L;
      if (text.length < columns) {
        spare = (long) row * columns + text.length;
      }
    }
    Arrays.fill(slots, total, listed, spare);
    return new Prompts(
        manager.create(tokens),
        manager.create(positions),
        total == cells ? manager.create(new Shape(0)) : manager.create(slots),
        manager.create(ends),
        columns);
  }

  @Override
  public void close() {
    tokensN.close();
    positionsN.close();
    slotN.close();
    endsU.close();
  }
}
