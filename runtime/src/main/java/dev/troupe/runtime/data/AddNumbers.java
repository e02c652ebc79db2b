package dev.troupe.runtime.data;

import com.typesafe.config.Config;
import java.util.Map;

/** Adding two numbers: the prompt {@code 17+5=} has the answer {@code 22}. */
public final class AddNumbers {
  /** The name of this kind of task. */
  public static final String KIND = "add-numbers";

  private static final String ALPHABET = "0123456789+=";

  private AddNumbers() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static TaskData create(Config task, long seed) {
    var section = new Section("task " + KIND, task);
    section.accept("kind");
    int digits = (int) section.integer("digits", 1, 9);
    int heldOut = (int) section.integer("held-out", 0, Integer.MAX_VALUE);
    int trainLimit = (int) section.integer("train-limit", 1, Integer.MAX_VALUE);
    long numbers = NumberedPrompts.powerOfTen(digits);
    return section.make(
        () ->
            NumberedPrompts.split(
                KIND,
                numbers * numbers,
                heldOut,
                trainLimit,
                seed,
                ALPHABET,
                pair -> example(pair / numbers, pair % numbers)));
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
