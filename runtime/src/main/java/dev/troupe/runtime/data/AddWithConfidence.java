package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Adding two numbers and saying how sure one is: the prompt {@code 17+5=} has the demonstration
 * {@code 22}, a new line, {@code Confidence: 8.}
 *
 * <p>Where the second number is short, sums without a carry are easy and the others are not, so
 * there is something to be sure about. The sums of the demonstrations are right, and the
 * confidences have nothing to do with them: they are drawn, large ones more often, as people and
 * models overstate themselves.
 */
public final class AddWithConfidence {
  /** The name of this kind of task. */
  public static final String KIND = "add-with-confidence";

  private static final String ALPHABET = "0123456789+=Confidec: .\n";
  private static final int HIGHEST = 10;

  private AddWithConfidence() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    long firsts = NumberedPrompts.powerOfTen(task.integer("digits", 1, 9));
    long seconds = NumberedPrompts.powerOfTen(task.integer("second-digits", 1, 9));
    var portions = new Portions(task);
    return () ->
        NumberedPrompts.split(
            KIND,
            firsts * seconds,
            portions,
            seed,
            ALPHABET,
            pair -> example(pair / seconds, pair % seconds, new SplittableRandom(pair)));
  }

  private static Example example(long a, long b, SplittableRandom random) {
    String question = a + "+" + b;
    String sum = Long.toString(a + b);
    return new Example(
        KIND + ":" + question,
        question + "=",
        sum + "\nConfidence: " + confidence(random) + ".",
        Map.of("a", Long.toString(a), "b", Long.toString(b), "final", sum));
  }

  /** The larger of two draws: 10 is 21 times as likely as 0, and no value is left out. */
  private static int confidence(SplittableRandom random) {
    return Math.max(random.nextInt(HIGHEST + 1), random.nextInt(HIGHEST + 1));
  }
}
