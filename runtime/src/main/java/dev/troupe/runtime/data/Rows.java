package dev.troupe.runtime.data;

/**
 * Rows of data by index. The same index always gives an equal row, and several threads may ask at
 * once.
 *
 * @param <T> what a row is
 */
public interface Rows<T> {
  /** How many rows there are. */
  int size();

  /**
   * The row at an index.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= index &lt; {@link #size}
   */
  T get(int index);

  /**
   * The order in which a run uses the rows; equal seeds give equal orders.
   *
   * @throws IllegalArgumentException if there are none
   */
  default ExampleOrder order(long seed) {
    return new Shuffle(size(), seed);
  }
}
