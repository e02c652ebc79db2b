package dev.troupe.runtime.template;

import java.util.ArrayList;
import java.util.List;

/** Operators between two values, with Python's rules for whole numbers. */
final class Arithmetic {
  private Arithmetic() {}

  static Object calculate(Object left, String operator, Object right) {
    if (operator.equals("+") && left instanceof String one && right instanceof String other) {
      return one + other;
    }
    if (operator.equals("+") && left instanceof List<?> one && right instanceof List<?> other) {
      var joined = new ArrayList<Object>(one);
      joined.addAll(other);
      return joined;
    }
    if (operator.equals("*") && left instanceof String text && right instanceof Long times) {
      return text.repeat((int) Math.max(0, times));
    }
    if (left instanceof Number one && right instanceof Number other) {
      boolean isWhole = one instanceof Long && other instanceof Long && !operator.equals("/");
      return isWhole
          ? (Object) whole(one.longValue(), operator, other.longValue())
          : (Object) decimal(one.doubleValue(), operator, other.doubleValue());
    }
    throw new TemplateException(
        "The chat template computes %s %s %s."
            .formatted(Values.kind(left), operator, Values.kind(right)));
  }

  private static long whole(long left, String operator, long right) {
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "//" -> Math.floorDiv(left, right);
      case "%" -> Math.floorMod(left, right);
      default -> (long) Math.pow(left, right);
    };
  }

  private static double decimal(double left, String operator, double right) {
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> Math.floor(left / right);
      case "%" -> left - Math.floor(left / right) * right;
      default -> Math.pow(left, right);
    };
  }
}
