package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Ranges in which a number is to be guessed: the prompt {@code 23-37:} has the fields {@code low}
 * and {@code high}. The environment of the same name draws the number.
 */
public final class GuessNumberRanges {
  /** The name of this kind of task. */
  public static final String KIND = "guess-number";

  private static final String ALPHABET = "0123456789-:";

  private GuessNumberRanges() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    int digits = task.integer("digits", 1, 9);
    long numbers = NumberedPrompts.powerOfTen(digits);
    int size = task.integer("size", 2, (int) Math.min(numbers, Integer.MAX_VALUE));
    var portions = new Portions(task);
    return () ->
        NumberedPrompts.split(
            KIND,
            (numbers - size + 1) * (size - 1),
            portions,
            seed,
            ALPHABET,
            range -> example(range / (size - 1), 2 + range % (size - 1), digits));
  }

  private static Example example(long lowest, long size, int digits) {
    String low = SortDigits.shuffled(lowest, digits);
    String high = SortDigits.shuffled(lowest + size - 1, digits);
    String range = low + "-" + high;
    return new Example(KIND + ":" + range, range + ":", null, Map.of("low", low, "high", high));
  }
}
