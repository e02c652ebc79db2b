package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Sorting digits and saying how sure one is: the prompt {@code 305194>} has the demonstration
 * {@code 013459}, a new line, {@code Confidence: 8.}
 *
 * <p>The answers of the demonstrations are right, and the confidences have nothing to do with them:
 * they are drawn, large ones more often, as people and models overstate themselves.
 */
public final class SortWithConfidence {
  /** The name of this kind of task. */
  public static final String KIND = "sort-with-confidence";

  private static final String ALPHABET = "0123456789>Confidec: .\n";
  private static final int HIGHEST = 10;

  private SortWithConfidence() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    int digits = task.integer("digits", 1, SortDigits.MOST_DIGITS);
    var portions = new Portions(task);
    return () ->
        NumberedPrompts.split(
            KIND,
            NumberedPrompts.powerOfTen(digits),
            portions,
            seed,
            ALPHABET,
            number -> example(SortDigits.shuffled(number, digits), new SplittableRandom(number)));
  }

  private static Example example(String shuffled, SplittableRandom random) {
    String sorted = SortDigits.sorted(shuffled);
    return new Example(
        KIND + ":" + shuffled,
        shuffled + ">",
        sorted + "\nConfidence: " + confidence(random) + ".",
        Map.of("digits", shuffled, "final", sorted));
  }

  /** The larger of two draws: 10 is 21 times as likely as 0, and no value is left out. */
  private static int confidence(SplittableRandom random) {
    return Math.max(random.nextInt(HIGHEST + 1), random.nextInt(HIGHEST + 1));
  }
}
