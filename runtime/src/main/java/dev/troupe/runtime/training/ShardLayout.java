package dev.troupe.runtime.training;

import java.util.ArrayList;
import java.util.List;

/**
 * Which sequences of a step belong to which shard and micro-batch. It follows from the sequences
 * and the settings alone, never from who computes them.
 *
 * <p>The units of a step are divided into consecutive shards of about as many tokens each; a step
 * with fewer units than shards has a shard for each unit. Within a shard micro-batches are cut by
 * token budget.
 *
 * @param shards for each shard its micro-batches, as rows of the step
 */
record ShardLayout(List<List<int[]>> shards) {

  static ShardLayout of(
      List<TrainingSequence> sequences, Selection selection, TrainerSettings settings) {
    int unit = settings.rowsPerUnit();
    if (sequences.size() % unit != 0) {
      throw new IllegalArgumentException(
          sequences.size() + " sequences do not divide into units of " + unit);
    }
    int units = sequences.size() / unit;
    long[] before = new long[units + 1];
    for (int u = 0; u < units; u++) {
      before[u + 1] = before[u];
      for (int i = u * unit; i < (u + 1) * unit; i++) {
        before[u + 1] += PackedBatch.inputLength(sequences.get(i), selection);
      }
    }
    int count = Math.min(settings.gradientShards(), units);
    var shards = new ArrayList<List<int[]>>(count);
    int first = 0;
    for (int s = 0; s < count; s++) {
      int end = s == count - 1 ? units : nearest(before, s + 1, count);
      end = Math.max(first + 1, Math.min(end, units - (count - 1 - s)));
      shards.add(PackedBatch.split(sequences, first * unit, end * unit, selection, settings));
      first = end;
    }
    return new ShardLayout(List.copyOf(shards));
  }

  /** The number of units whose tokens are closest to a share of all. */
  private static int nearest(long[] before, long part, int parts) {
    long total = before[before.length - 1];
    int units = 0;
    while (units < before.length - 1
        && Math.abs(before[units + 1] * parts - total * part)
            <= Math.abs(before[units] * parts - total * part)) {
      units++;
    }
    return units;
  }
}
