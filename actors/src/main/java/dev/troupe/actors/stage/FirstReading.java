package dev.troupe.actors.stage;

import dev.troupe.runtime.training.MicroBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the policy said of the completions of a step when it read each for the first time. */
final class FirstReading {
  private final float[][] logps;
  private int from;
  private int to;

  /**
   * @param rows completions of the step
   */
  FirstReading(int rows) {
    this.logps = new float[rows][];
  }

  /** The next micro-batches are about these rows of the step. */
  void expect(int first, int count) {
    from = first;
    to = first + count;
  }

  /** Keeps what was not read before. Rows beyond the expected ones are no completions. */
  void add(MicroBatch micro, List<float[]> lengths) {
    float[] all = null;
    int width = micro.width();
    for (int b = 0; b < micro.rows().length; b++) {
      int row = from + micro.rows()[b];
      if (row < to && logps[row] == null) {
        all = all == null ? micro.logpBT().stopGradient().toFloatArray() : all;
        int length = lengths.get(micro.rows()[b]).length;
        logps[row] = Arrays.copyOfRange(all, b * width, b * width + length);
      }
    }
  }

  /**
   * Of each completion, all its rows one after the other; null if one of them was never read, or by
   * another learner.
   *
   * @param pieces how many rows each completion has
   */
  List<float[]> byCompletion(List<Integer> pieces) {
    var completions = new ArrayList<float[]>(pieces.size());
    int next = 0;
    for (int count : pieces) {
      List<float[]> rows = Arrays.asList(logps).subList(next, next + count);
      completions.add(rows.contains(null) ? null : Sequences.joined(rows));
      next += count;
    }
    return completions;
  }
}
