package dev.troupe.runtime.data;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Several sources in one stream, in given shares. The stream is cut into blocks of a thousand
 * positions; each block has the same number of positions for a source, its share rounded, and they
 * are shuffled within the block. So shares hold at all times, not only on average, and a source
 * that is used up begins anew in another order.
 */
final class Mixture implements ExampleOrder {
  /** Positions of a block: shares are kept to a thousandth. */
  static final int BLOCK = 1000;

  private final List<ExampleOrder> orders;
  private final int[] offsets;
  private final int[] ends;
  private final long seed;

  /**
   * @param orders the stream of each source, whose indices begin at 0
   * @param sizes rows of each source; their indices in the whole follow each other
   * @param weights share of each source, above 0, in units of their sum
   * @param seed which order
   */
  Mixture(List<ExampleOrder> orders, int[] sizes, double[] weights, long seed) {
    if (orders.size() > BLOCK) {
      throw new IllegalArgumentException(orders.size() + " sources are more than " + BLOCK);
    }
    this.orders = List.copyOf(orders);
    this.seed = seed;
    this.offsets = new int[sizes.length];
    for (int i = 1; i < sizes.length; i++) {
      offsets[i] = Math.addExact(offsets[i - 1], sizes[i - 1]);
    }
    int[] places = places(weights);
    this.ends = new int[places.length];
    int end = 0;
    for (int i = 0; i < places.length; i++) {
      end += places[i];
      ends[i] = end;
    }
  }

  /** Positions of a block for each source: at least one, the rest by largest remainders. */
  static int[] places(double[] weights) {
    double total = DoubleStream.of(weights).sum();
    int[] places = new int[weights.length];
    int given = 0;
    for (int i = 0; i < weights.length; i++) {
      places[i] = Math.max(1, (int) Math.floor(BLOCK * weights[i] / total));
      given += places[i];
    }
    int[] byNeed =
        IntStream.range(0, weights.length)
            .boxed()
            .sorted(
                (a, b) ->
                    Double.compare(
                        BLOCK * weights[b] / total - places[b],
                        BLOCK * weights[a] / total - places[a]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i = 0; given < BLOCK; i = (i + 1) % byNeed.length) {
      places[byNeed[i]]++;
      given++;
    }
    for (int i = byNeed.length - 1; given > BLOCK; i = (i + byNeed.length - 1) % byNeed.length) {
      if (places[byNeed[i]] > 1) {
        places[byNeed[i]]--;
        given--;
      }
    }
    return places;
  }

  @Override
  public int index(long position) {
    if (position < 0) {
      throw new IllegalArgumentException("position = " + position + " is negative");
    }
    long block = position / BLOCK;
    int place = (int) new Permutation(BLOCK, Permutation.mix(seed, block)).at(position % BLOCK);
    int source = 0;
    while (place >= ends[source]) {
      source++;
    }
    int begin = source == 0 ? 0 : ends[source - 1];
    int places = ends[source] - begin;
    return offsets[source] + orders.get(source).index(block * places + (place - begin));
  }
}
