package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.DataSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Rows that lie in a table, made into what they are when they are asked for.
 *
 * @param <T> what they are
 */
final class StoredRows<T> implements Rows<T> {
  private final IntFunction<T> row;
  private final List<Part> parts;
  private final Optional<DataSettings.Curriculum> curriculum;
  private final int size;

  /**
   * The rows of one source.
   *
   * @param rows their indices in the table
   * @param weight share of the stream
   * @param difficulty of each row, with a curriculum; empty without one
   */
  record Part(int[] rows, double weight, double[] difficulty) {}

  /**
   * @param row makes the row at an index of the table
   * @param parts the sources
   * @param curriculum how rows are led from easy to hard; empty = they are shuffled
   */
  StoredRows(IntFunction<T> row, List<Part> parts, Optional<DataSettings.Curriculum> curriculum) {
    this.row = row;
    this.parts = List.copyOf(parts);
    this.curriculum = curriculum;
    this.size = parts.stream().mapToInt(part -> part.rows().length).sum();
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public T get(int index) {
    int rest = index;
    for (Part part : parts) {
      if (rest >= 0 && rest < part.rows().length) {
        return row.apply(part.rows()[rest]);
      }
      rest -= part.rows().length;
    }
    throw new IndexOutOfBoundsException("row " + index + " of " + size);
  }

  @Override
  public ExampleOrder order(long seed) {
    if (parts.size() == 1) {
      return order(parts.get(0), seed);
    }
    var orders = new ArrayList<ExampleOrder>();
    for (int i = 0; i < parts.size(); i++) {
      orders.add(order(parts.get(i), Permutation.mix(seed, i)));
    }
    return new Mixture(
        orders,
        parts.stream().mapToInt(part -> part.rows().length).toArray(),
        parts.stream().mapToDouble(Part::weight).toArray(),
        seed);
  }

  private ExampleOrder order(Part part, long seed) {
    return curriculum
        .<ExampleOrder>map(
            it ->
                new Curriculum(part.difficulty(), it.hardestFirst(), it.parts(), it.passes(), seed))
        .orElseGet(() -> new Shuffle(part.rows().length, seed));
  }
}
