package dev.troupe.runtime.data;

import java.util.List;

/**
 * The examples of one split, by index. The same index always gives an equal example, and sources
 * may be used by several threads at once.
 */
public interface PromptSource extends Rows<Example> {
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
