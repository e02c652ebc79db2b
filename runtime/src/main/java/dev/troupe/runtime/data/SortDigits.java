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
  static final int MOST_DIGITS = 18;

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
            number -> example(shuffled(number, digits)));
  }

  private static Example example(String shuffled) {
    return new Example(
        KIND + ":" + shuffled, shuffled + ">", sorted(shuffled), Map.of("digits", shuffled));
  }

  /** The digits of a number, with zeros in front. */
  static String shuffled(long number, int digits) {
    return ("%0" + digits + "d").formatted(number);
  }

  /** The same digits in ascending order. */
  static String sorted(String digits) {
    var sorted = new StringBuilder();
    digits.chars().sorted().forEach(digit -> sorted.append((char) digit));
    return sorted.toString();
  }
}
