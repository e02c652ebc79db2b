package dev.troupe.runtime.data;

import java.util.Map;

/** Takes the rows of a file one by one, and what is wrong with them. */
interface RowSink {
  /**
   * A row.
   *
   * @param line its line in the file, or its number among the rows, from 1
   * @param fields its values by column: texts as they are, other values in JSON; without those that
   *     are null
   * @throws IllegalArgumentException if it cannot be used, naming the field and what is wrong
   */
  void row(int line, Map<String, String> fields);

  /** What keeps a line from being a row. */
  void fault(int line, String fault);

  /** Whether nothing more is wanted. */
  boolean isFull();
}
