package dev.troupe.runtime.data;

import java.util.List;

/**
 * The examples of one split, by index. The same index always gives an equal example, and sources
 * may be used by several threads at once.
 */
public interface PromptSource {
  /** How many examples there are. */
  int size();

  /**
   * The example at an index.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= index &lt; {@link #size}
   */
  Example get(int index);

  /** The examples of a list, which is copied. */
  static PromptSource of(List<Example> examples) {
    List<Example> copy = List.copyOf(examples);
    return new PromptSource() {
      @Override
      public int size() {
        return copy.size();
      }

      @Override
      public Example get(int index) {
        return copy.get(index);
      }
    };
  }
}
