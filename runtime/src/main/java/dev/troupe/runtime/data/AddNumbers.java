package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.function.Supplier;

/** Adding two numbers: the prompt {@code 17+5=} has the answer {@code 22}. */
public final class AddNumbers {
  /** The name of this kind of task. */
  public static final String KIND = "add-numbers";

  private static final String ALPHABET = "0123456789+=";

  private AddNumbers() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    int digits = task.integer("digits", 1, 9);
    var portions = new Portions(task);
    long numbers = NumberedPrompts.powerOfTen(digits);
    return () ->
        NumberedPrompts.split(
            KIND,
            numbers * numbers,
            portions,
            seed,
            ALPHABET,
            pair -> example(pair / numbers, pair % numbers));
  }

  private static Example example(long a, long b) {
    String sum = a + "+" + b;
    return new Example(
        KIND + ":" + sum,
        sum + "=",
        Long.toString(a + b),
        Map.of("a", Long.toString(a), "b", Long.toString(b)));
  }
}
