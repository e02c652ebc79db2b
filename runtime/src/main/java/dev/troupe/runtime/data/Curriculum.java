package dev.troupe.runtime.data;

import java.util.stream.IntStream;

/**
 * The easy rows first: sorted by difficulty into equal parts, which are read one after the other,
 * each in an order of its own; after some passes all rows are shuffled as usual.
 */
final class Curriculum implements ExampleOrder {
  private final int[] sorted;
  private final int parts;
  private final int passes;
  private final long seed;
  private final Shuffle after;

  /**
   * @param difficulty of each row
   * @param hardestFirst whether the order is turned round
   * @param parts how many parts; no more are made than there are rows
   * @param passes so many times all rows are read in this order
   * @param seed which order
   */
  Curriculum(double[] difficulty, boolean hardestFirst, int parts, int passes, long seed) {
    this.sorted =
        IntStream.range(0, difficulty.length)
            .boxed()
            .sorted(
                (a, b) ->
                    hardestFirst
                        ? Double.compare(difficulty[b], difficulty[a])
                        : Double.compare(difficulty[a], difficulty[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    this.parts = Math.min(parts, difficulty.length);
    this.passes = passes;
    this.seed = seed;
    this.after = new Shuffle(difficulty.length, seed);
  }

  @Override
  public int index(long position) {
    long pass = after.epoch(position);
    if (pass >= passes) {
      return after.index(position);
    }
    int rank = (int) (position % sorted.length);
    // Parts are as equal as can be: part k begins at rank k * size / parts, rounded down.
    int part = (int) (((rank + 1L) * parts - 1) / sorted.length);
    int begin = begin(part);
    int size = begin(part + 1) - begin;
    long key = Permutation.mix(Permutation.mix(seed, pass), part);
    return sorted[begin + (int) new Permutation(size, key).at(rank - begin)];
  }

  private int begin(int part) {
    return (int) ((long) part * sorted.length / parts);
  }
}
