package dev.troupe.runtime.reward.maths;

import dev.troupe.runtime.reward.maths.MathsText.Plain;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Whether two answers say the same. Expressions are compared by their values at several points,
 * exactly where they are rational: two different ones of a degree that people write agree at none
 * of them but by a rare accident.
 */
final class MathsEquality {
  private static final int LONGEST = 2000;
  private static final double TOLERANCE = 1e-9;

  /** Points far from 0, 1 and each other, at which the k-th variable is shifted by k sevenths. */
  private static final long[] POINTS = {3, 11, -5, 23, 8};

  private MathsEquality() {}

  /** Whether an answer, with whatever stands around it, is the wanted one. */
  static boolean areEqual(String wanted, String found) {
    if (wanted.length() > LONGEST || found.length() > LONGEST) {
      return false;
    }
    return areEqual(MathsText.plain(wanted), MathsText.plain(found), 0);
  }

  private static boolean areEqual(Plain wanted, Plain found, int depth) {
    if (isSameText(wanted.text(), found.text())) {
      return true;
    }
    if (depth < 4 && isList(wanted.text()) && isList(found.text())) {
      return areEqualLists(wanted.text(), found.text(), depth);
    }
    Optional<Expression> a = side(wanted.text());
    Optional<Expression> b = side(found.text());
    if (a.isEmpty() || b.isEmpty()) {
      return false;
    }
    // A percent sign is a hundredth or a unit that was left out, whichever makes the answer right.
    return areEqual(a.get(), b.get(), Fraction.ONE)
        || wanted.percent() != found.percent()
            && (wanted.percent()
                ? areEqual(a.get(), b.get(), Fraction.of(100))
                : areEqual(b.get(), a.get(), Fraction.of(100)));
  }

  private static boolean isSameText(String a, String b) {
    return squeezed(a).equals(squeezed(b)) && !squeezed(a).isEmpty();
  }

  private static String squeezed(String text) {
    return text.replaceAll("\\s+", "").toLowerCase(Locale.ROOT);
  }

  /** An expression, or an equation as the difference of its sides. */
  private static Optional<Expression> side(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      return ExpressionParser.parse(text);
    }
    Optional<Expression> left = ExpressionParser.parse(text.substring(0, equals));
    Optional<Expression> right = ExpressionParser.parse(text.substring(equals + 1));
    return left.flatMap(
        l ->
            right.map(
                r ->
                    new Expression.Sum(
                        l, new Expression.Product(new Expression.Number(Fraction.of(-1)), r))));
  }

  private static boolean isList(String text) {
    return MathsText.parts(inside(text)).size() > 1 || text.startsWith("\\{");
  }

  private static String inside(String text) {
    String plain = text.replace("\\{", "{").replace("\\}", "}");
    return plain.length() > 1
            && "([{".indexOf(plain.charAt(0)) >= 0
            && ")]}".indexOf(plain.charAt(plain.length() - 1)) >= 0
        ? plain.substring(1, plain.length() - 1)
        : plain;
  }

  private static boolean areEqualLists(String wanted, String found, int depth) {
    List<String> a = MathsText.parts(inside(wanted));
    List<String> b = MathsText.parts(inside(found));
    if (a.size() != b.size() || !brackets(wanted).equals(brackets(found))) {
      return false;
    }
    boolean isOrdered = !brackets(wanted).isEmpty() && !brackets(wanted).equals("{}");
    boolean[] used = new boolean[b.size()];
    for (int i = 0; i < a.size(); i++) {
      boolean hasTwin = false;
      for (int j = isOrdered ? i : 0; j < (isOrdered ? i + 1 : b.size()) && !hasTwin; j++) {
        if (!used[j] && areEqual(MathsText.plain(a.get(i)), MathsText.plain(b.get(j)), depth + 1)) {
          used[j] = true;
          hasTwin = true;
        }
      }
      if (!hasTwin) {
        return false;
      }
    }
    return true;
  }

  private static String brackets(String text) {
    String plain = text.replace("\\{", "{").replace("\\}", "}");
    return inside(text).length() == plain.length()
        ? ""
        : "" + plain.charAt(0) + plain.charAt(plain.length() - 1);
  }

  /** Whether {@code a} is {@code factor} times {@code b} everywhere. */
  private static boolean areEqual(Expression a, Expression b, Fraction factor) {
    var scaled = new Expression.Product(new Expression.Number(factor), b);
    var names = new TreeSet<String>();
    a.variables(names);
    b.variables(names);
    int defined = 0;
    for (long point : POINTS) {
      Map<String, Fraction> values = values(names, point);
      Optional<Fraction> exactA = a.exact(values);
      Optional<Fraction> exactB = scaled.exact(values);
      if (exactA.isPresent() && exactB.isPresent()) {
        if (!exactA.get().equals(exactB.get())) {
          return false;
        }
        defined++;
      } else {
        double x = a.approximate(values);
        double y = scaled.approximate(values);
        if (Double.isNaN(x) && Double.isNaN(y)) {
          continue; // a root of a negative number in both: this point tells nothing
        }
        double scale = Math.max(1, Math.max(Math.abs(x), Math.abs(y)));
        if (Double.isInfinite(scale) || !(Math.abs(x - y) <= TOLERANCE * scale)) {
          return false;
        }
        defined++;
      }
      if (names.isEmpty()) {
        break;
      }
    }
    return defined > 0;
  }

  private static Map<String, Fraction> values(TreeSet<String> names, long point) {
    var values = new HashMap<String, Fraction>();
    int k = 1;
    for (String name : names) {
      values.put(name, Fraction.of(point).plus(Fraction.of(k++).times(Fraction.of(7).inverted())));
    }
    return values;
  }
}
