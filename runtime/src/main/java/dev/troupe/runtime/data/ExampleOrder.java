package dev.troupe.runtime.data;

/**
 * An endless stream of rows, of which a run remembers one number: the row at a position depends on
 * the data, the seed and the position alone, so a run resumes exactly and any part of the stream
 * can be looked up.
 */
@FunctionalInterface
public interface ExampleOrder {
  /**
   * The index of the row at a position of the stream.
   *
   * @throws IllegalArgumentException if the position is negative
   */
  int index(long position);
}
