package dev.troupe.runtime.data;

/**
 * The order in which a run uses its examples: an endless stream in which every epoch is another
 * permutation of them.
 *
 * <p>The example at a position depends on the size, the seed and the position alone, so a run
 * resumes exactly from one counter and any part of the stream can be looked up. Immutable.
 */
public final class Shuffle implements ExampleOrder {
  private final int size;
  private final long seed;

  /**
   * @param size how many examples there are, at least 1
   * @param seed which stream; any value
   */
  public Shuffle(int size, long seed) {
    if (size < 1) {
      throw new IllegalArgumentException("size = " + size + ": there is nothing to shuffle");
    }
    this.size = size;
    this.seed = seed;
  }

  /**
   * The index of the example at a position of the stream, 0 … size - 1.
   *
   * @throws IllegalArgumentException if the position is negative
   */
  @Override
  public int index(long position) {
    long epoch = epoch(position);
    return (int) new Permutation(size, Permutation.mix(seed, epoch)).at(position % size);
  }

  /**
   * How many times every example has been used before this position.
   *
   * @throws IllegalArgumentException if the position is negative
   */
  public long epoch(long position) {
    if (position < 0) {
      throw new IllegalArgumentException("position = " + position + " is negative");
    }
    return position / size;
  }
}
