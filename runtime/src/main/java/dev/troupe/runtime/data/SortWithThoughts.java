package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Sorting digits by thinking first: the prompt {@code 305194>} has the demonstration {@code
 * <think>3014 59</think>013459}, where the thoughts put the small digits before the large ones.
 * Only a part of the demonstrations thinks, if the settings say so; the others answer at once, as
 * texts do that nobody wrote for thinking.
 */
public final class SortWithThoughts {
  /** The name of this kind of task. */
  public static final String KIND = "sort-with-thoughts";

  private static final String ALPHABET = "0123456789> <think/";
  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";
  private static final int FIRST_LARGE = '5';

  private SortWithThoughts() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    int digits = task.integer("digits", 1, SortDigits.MOST_DIGITS);
    double share = task.decimal("thinking-share", 0.0, 1.0);
    var portions = new Portions(task);
    return () ->
        NumberedPrompts.split(
            KIND,
            NumberedPrompts.powerOfTen(digits),
            portions,
            seed,
            ALPHABET,
            number ->
                example(
                    SortDigits.shuffled(number, digits),
                    new SplittableRandom(number).nextDouble() < share));
  }

  private static Example example(String shuffled, boolean thinks) {
    String sorted = SortDigits.sorted(shuffled);
    return new Example(
        KIND + ":" + shuffled,
        shuffled + ">",
        thinks ? OPEN + thoughts(shuffled) + CLOSE + sorted : sorted,
        Map.of("digits", shuffled, "final", sorted));
  }

  private static String thoughts(String shuffled) {
    var small = new StringBuilder();
    var large = new StringBuilder();
    shuffled.chars().forEach(it -> (it < FIRST_LARGE ? small : large).append((char) it));
    return small + " " + large;
  }
}
