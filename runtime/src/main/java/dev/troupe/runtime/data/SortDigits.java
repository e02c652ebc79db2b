package dev.troupe.runtime.data;

import com.typesafe.config.Config;
import java.util.Map;

/** Sorting digits: the prompt {@code 305194>} has the answer {@code 013459}. */
public final class SortDigits {
  /** The name of this kind of task. */
  public static final String KIND = "sort-digits";

  private static final String ALPHABET = "0123456789>";

  /** 10^18 is the largest power of ten that numbers all prompts within a long's 62 bits. */
  private static final int MOST_DIGITS = 18;

  private SortDigits() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static TaskData create(Config task, long seed) {
    var section = new Section("task " + KIND, task);
    section.accept("kind");
    int digits = (int) section.integer("digits", 1, MOST_DIGITS);
    int heldOut = (int) section.integer("held-out", 0, Integer.MAX_VALUE);
    int trainLimit = (int) section.integer("train-limit", 1, Integer.MAX_VALUE);
    return section.make(
        () ->
            NumberedPrompts.split(
                KIND,
                NumberedPrompts.powerOfTen(digits),
                heldOut,
                trainLimit,
                seed,
                ALPHABET,
                number -> example(number, digits)));
  }

  private static Example example(long number, int digits) {
    String shuffled = ("%0" + digits + "d").formatted(number);
    var sorted = new StringBuilder();
    shuffled.chars().sorted().forEach(digit -> sorted.append((char) digit));
    return new Example(
        KIND + ":" + shuffled, shuffled + ">", sorted.toString(), Map.of("digits", shuffled));
  }
}
