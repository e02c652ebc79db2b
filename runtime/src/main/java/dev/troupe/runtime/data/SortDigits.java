package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.function.Supplier;

/** Sorting digits: the prompt {@code 305194>} has the answer {@code 013459}. */
public final class SortDigits {
  /** The name of this kind of task. */
  public static final String KIND = "sort-digits";

  private static final String ALPHABET = "0123456789>";

  /** 10^18 is the largest power of ten that numbers all prompts within a long's 62 bits. */
  private static final int MOST_DIGITS = 18;

  private SortDigits() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    int digits = task.integer("digits", 1, MOST_DIGITS);
    var portions = new Portions(task);
    return () ->
        NumberedPrompts.split(
            KIND,
            NumberedPrompts.powerOfTen(digits),
            portions,
            seed,
            ALPHABET,
            number -> example(number, digits));
  }

  private static Example example(long number, int digits) {
    String shuffled = ("%0" + digits + "d").formatted(number);
    var sorted = new StringBuilder();
    shuffled.chars().sorted().forEach(digit -> sorted.append((char) digit));
    return new Example(
        KIND + ":" + shuffled, shuffled + ">", sorted.toString(), Map.of("digits", shuffled));
  }
}
