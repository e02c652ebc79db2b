package dev.troupe.runtime.reward.maths;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The value of an expression without variables, such as {@code (17+5)*3/4}, in decimal writing. */
public final class Calculation {
  /** Longer results are of no use to a reader. */
  private static final int MOST_CHARACTERS = 200;

  private Calculation() {}

  /**
   * Computes exactly; only a result that is no whole number is rounded, half to even.
   *
   * @param digits significant digits of such a result
   * @return empty if the text is no expression, has variables, no rational value, or a huge one
   */
  public static Optional<String> of(String expression, int digits) {
    if (expression.isBlank()) {
      return Optional.empty();
    }
    return ExpressionParser.parse(expression.replace(" ", ""))
        .filter(Calculation::isClosed)
        .flatMap(parsed -> parsed.exact(Map.of()))
        .map(value -> written(value, digits))
        .filter(text -> text.length() <= MOST_CHARACTERS);
  }

  private static boolean isClosed(Expression expression) {
    Set<String> names = new HashSet<>();
    expression.variables(names);
    return names.isEmpty();
  }

  private static String written(Fraction value, int digits) {
    if (value.isWhole()) {
      return value.numerator().toString();
    }
    return new BigDecimal(value.numerator())
        .divide(
            new BigDecimal(value.denominator()), new MathContext(digits, RoundingMode.HALF_EVEN))
        .stripTrailingZeros()
        .toPlainString();
  }
}
