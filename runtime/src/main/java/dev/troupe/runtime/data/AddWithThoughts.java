package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Adding two numbers by thinking first: the prompt {@code 47+85=} has the demonstration {@code
 * <think>7+5=12 4+8+1=13</think>132}, where the thoughts are the digits' sums from the right, with
 * what is carried. Only a part of the demonstrations thinks, if the settings say so; the others
 * answer at once, as texts do that nobody wrote for thinking.
 */
public final class AddWithThoughts {
  /** The name of this kind of task. */
  public static final String KIND = "add-with-thoughts";

  private static final String ALPHABET = "0123456789+= <think>/";
  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";
  private static final int BASE = 10;

  private AddWithThoughts() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    int digits = task.integer("digits", 1, 9);
    int secondDigits = task.integer("second-digits", 1, 9);
    double share = task.decimal("thinking-share", 0.0, 1.0);
    var portions = new Portions(task);
    long firsts = NumberedPrompts.powerOfTen(digits);
    long seconds = NumberedPrompts.powerOfTen(secondDigits);
    return () ->
        NumberedPrompts.split(
            KIND,
            firsts * seconds,
            portions,
            seed,
            distinct(ALPHABET),
            pair ->
                example(
                    pair / seconds,
                    pair % seconds,
                    Math.max(digits, secondDigits),
                    new SplittableRandom(pair).nextDouble() < share));
  }

  private static Example example(long a, long b, int digits, boolean thinks) {
    String question = a + "+" + b;
    String sum = Long.toString(a + b);
    return new Example(
        KIND + ":" + question,
        question + "=",
        thinks ? OPEN + thoughts(a, b, digits) + CLOSE + sum : sum,
        Map.of("a", Long.toString(a), "b", Long.toString(b), "final", sum));
  }

  private static String thoughts(long a, long b, int digits) {
    var text = new StringBuilder();
    long carried = 0;
    for (int i = 0; i < digits; i++) {
      long first = a / NumberedPrompts.powerOfTen(i) % BASE;
      long second = b / NumberedPrompts.powerOfTen(i) % BASE;
      long sum = first + second + carried;
      text.append(i == 0 ? "" : " ").append(first).append('+').append(second);
      text.append(carried > 0 ? "+" + carried : "").append('=').append(sum);
      carried = sum / BASE;
    }
    return text.toString();
  }

  private static String distinct(String text) {
    var once = new StringBuilder();
    text.chars().distinct().forEach(letter -> once.append((char) letter));
    return once.toString();
  }
}
