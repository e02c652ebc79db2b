package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The index arrays of some sequences for one forward pass.
 *
 * <p>With packing the tokens of all rows lie in one list without padding and only attention sees
 * them on the grid; without it the list is the grid itself. Either way a token meets the same
 * numbers.
 *
 * @param rows indices into the step's sequences
 * @param tokensN tokens, int64
 * @param positionsN position of each token in its sequence
 * @param slotN place of each token in the grid, or empty when the list is the grid
 * @param gridRows B of the attention grid
 * @param gridColumns T of the attention grid
 * @param selectedK indices into the token list
 * @param targetsK the token that each selected position predicts; empty unless the selection is
 *     {@link Selection#RESPONSE}
 * @param lengths number of selected positions of each row
 * @param tokenCount tokens without padding
 */
record PackedBatch(
    int[] rows,
    NDArray tokensN,
    NDArray positionsN,
    NDArray slotN,
    int gridRows,
    int gridColumns,
    NDArray selectedK,
    NDArray targetsK,
    int[] lengths,
    long tokenCount) {

  /**
   * Packed tokens still meet on the grid in attention: it may be this many times the token budget,
   * so that one long sequence among short ones does not blow it up.
   */
  private static final int GRID_SLACK = 4;

  /** Splits whole units of sequences into the rows of micro-batches, in order, by token budget. */
  static List<int[]> split(
      List<TrainingSequence> sequences,
      int from,
      int to,
      Selection selection,
      TrainerSettings settings) {
    int unit = settings.rowsPerUnit();
    var batches = new ArrayList<int[]>();
    int first = from;
    long packedTokens = 0;
    int longest = 0;
    for (int start = from; start < to; start += unit) {
      long unitTokens = 0;
      int unitLongest = 0;
      for (int i = start; i < start + unit; i++) {
        int length = inputLength(sequences.get(i), selection);
        unitTokens += length;
        unitLongest = Math.max(unitLongest, length);
      }
      int widest = Math.max(longest, unitLongest);
      long grid = (long) widest * (start + unit - first);
      long cost =
          settings.packing() ? Math.max(packedTokens + unitTokens, grid / GRID_SLACK) : grid;
      if (start > first && cost > settings.microBatchTokens()) {
        batches.add(range(first, start));
        first = start;
        packedTokens = unitTokens;
        longest = unitLongest;
      } else {
        packedTokens += unitTokens;
        longest = widest;
      }
    }
    if (first < to) {
      batches.add(range(first, to));
    }
    return batches;
  }

  static PackedBatch of(
      NDManager manager,
      List<TrainingSequence> sequences,
      int[] rows,
      Selection selection,
      boolean packing) {
    int columns = 0;
    int total = 0;
    for (int row : rows) {
      int length = inputLength(sequences.get(row), selection);
      columns = Math.max(columns, length);
      total += length;
    }
    boolean dense = !packing || total == rows.length * columns;
    int cells = dense ? rows.length * columns : total;
    long[] tokens = new long[cells];
    long[] positions = new long[cells];
    long[] slots = new long[cells];
    int[] starts = new int[rows.length];
    for (int b = 0, at = 0; b < rows.length; b++) {
      TrainingSequence sequence = sequences.get(rows[b]);
      int length = inputLength(sequence, selection);
      starts[b] = dense ? b * columns : at;
      for (int t = 0; t < length; t++) {
        tokens[starts[b] + t] = sequence.tokens()[t];
        positions[starts[b] + t] = t;
        slots[starts[b] + t] = (long) b * columns + t;
      }
      at += length;
    }
    Selected selected = Selected.of(sequences, rows, starts, selection);
    return new PackedBatch(
        rows,
        manager.create(tokens),
        manager.create(positions),
        dense ? manager.create(new Shape(0)) : manager.create(slots),
        rows.length,
        columns,
        manager.create(selected.indices()),
        selected.targets().length == 0
            ? manager.create(new Shape(0))
            : manager.create(selected.targets()),
        selected.lengths(),
        total);
  }

  /** The positions whose outputs are wanted: places in the token list, targets, and how many. */
  private record Selected(long[] indices, long[] targets, int[] lengths) {

    /** Picks them from rows that start at the given places of the token list. */
    static Selected of(
        List<TrainingSequence> sequences, int[] rows, int[] starts, Selection selection) {
      var indices = LongStream.builder();
      var targets = LongStream.builder();
      int[] lengths = new int[rows.length];
      for (int b = 0; b < rows.length; b++) {
        TrainingSequence sequence = sequences.get(rows[b]);
        int[] tokens = sequence.tokens();
        if (selection == Selection.LAST) {
          indices.add(starts[b] + tokens.length - 1L);
          lengths[b] = 1;
        } else {
          for (int t : sequence.responsePositions()) {
            indices.add(starts[b] + t - 1L);
            if (selection == Selection.RESPONSE) {
              targets.add(tokens[t]);
            }
          }
          lengths[b] = sequence.responseLength();
        }
      }
      return new Selected(indices.build().toArray(), targets.build().toArray(), lengths);
    }
  }

  /** The same positions with no token to predict: their states are wanted, not their logits. */
  PackedBatch withoutTargets(NDManager manager) {
    return new PackedBatch(
        rows,
        tokensN,
        positionsN,
        slotN,
        gridRows,
        gridColumns,
        selectedK,
        manager.create(new Shape(0)),
        lengths,
        tokenCount);
  }

  /** Number of selected positions. */
  int selectedCount() {
    int count = 0;
    for (int length : lengths) {
      count += length;
    }
    return count;
  }

  /** Most selected positions of a row. */
  int width() {
    int width = 1;
    for (int length : lengths) {
      width = Math.max(width, length);
    }
    return width;
  }

  /** The last token predicts nothing that is wanted, so it is not fed unless its state is. */
  static int inputLength(TrainingSequence sequence, Selection selection) {
    return selection == Selection.LAST
        ? sequence.tokens().length
        : Math.max(1, sequence.tokens().length - 1);
  }

  private static int[] range(int from, int to) {
    int[] range = new int[to - from];
    for (int i = 0; i < range.length; i++) {
      range[i] = from + i;
    }
    return range;
  }
}
