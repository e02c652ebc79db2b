package dev.troupe.runtime.data;

import java.util.Objects;
import java.util.function.LongFunction;

/**
 * The examples of a task whose prompts can be numbered 0 … space - 1, computed on demand.
 *
 * <p>One fixed permutation puts the numbers in a row. The first of it are held out, whatever the
 * run's seed; the rest, in an order that the seed decides, is for training. So every prompt occurs
 * once, and no prompt occurs in both parts.
 */
final class NumberedPrompts {
  /** Which numbers are held out; never changed, or results could not be compared any more. */
  private static final long HELD_OUT_KEY = 0x74726F757065L; // "troupe"

  private NumberedPrompts() {}

  /**
   * @param space how many different prompts the task has
   * @param example the example of a number
   * @throws dev.troupe.runtime.settings.SettingsException if nothing is left to train on
   */
  static TaskData split(
      String name,
      long space,
      Portions portions,
      long seed,
      String alphabet,
      LongFunction<Example> example) {
    portions.requireRest(space);
    int heldOut = portions.heldOut();
    long rest = space - heldOut;
    var row = new Permutation(space, HELD_OUT_KEY);
    var order = new Permutation(rest, seed);
    int trainSize = (int) Math.min(portions.trainLimit(), rest);
    return new TaskData(
        name,
        new Computed(trainSize, index -> example.apply(row.at(heldOut + order.at(index)))),
        new Computed(heldOut, index -> example.apply(row.at(index))),
        alphabet);
  }

  /** 10^exponent, for 0 to 18. */
  static long powerOfTen(int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= 10;
    }
    return power;
  }

  private record Computed(int size, LongFunction<Example> example) implements PromptSource {
    @Override
    public Example get(int index) {
      return example.apply(Objects.checkIndex(index, size));
    }
  }
}
