package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Calculations with whole numbers: the prompt {@code 17*5+3=} has the answer {@code 88}. The field
 * {@code calculation} holds what a calculator is to be asked.
 */
public final class Arithmetic {
  /** The name of this kind of task. */
  public static final String KIND = "arithmetic";

  private static final String DIGITS = "0123456789";
  private static final Pattern OPERATORS = Pattern.compile("(?!.*(.).*\\1)[-+*]{1,3}");

  private Arithmetic() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    int digits = task.integer("digits", 1, 6);
    int terms = task.integer("terms", 2, 3);
    String operators = task.text("operators", OPERATORS, "some of +, - and *, each once");
    var portions = new Portions(task);
    long numbers = NumberedPrompts.powerOfTen(digits);
    return () ->
        NumberedPrompts.split(
            KIND,
            space(numbers, terms, operators.length()),
            portions,
            seed,
            DIGITS + operators + "=",
            number -> example(number, numbers, terms, operators));
  }

  private static long space(long numbers, int terms, int operators) {
    long space = numbers;
    for (int term = 1; term < terms; term++) {
      space *= numbers * operators;
    }
    return space;
  }

  private static Example example(long number, long numbers, int terms, String operators) {
    long rest = number / numbers;
    var calculation = new StringBuilder().append(number % numbers);
    long sum = 0;
    long product = number % numbers; // Of the factors since the last + or -.
    for (int term = 1; term < terms; term++) {
      char operator = operators.charAt((int) (rest % operators.length()));
      rest /= operators.length();
      long next = rest % numbers;
      rest /= numbers;
      calculation.append(operator).append(next);
      if (operator == '*') {
        product *= next;
      } else {
        sum += product;
        product = operator == '+' ? next : -next;
      }
    }
    return new Example(
        KIND + ":" + calculation,
        calculation + "=",
        Long.toString(sum + product),
        Map.of("calculation", calculation.toString()));
  }
}
