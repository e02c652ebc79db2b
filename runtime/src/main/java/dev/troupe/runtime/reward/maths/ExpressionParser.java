package dev.troupe.runtime.reward.maths;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/**
 * Reads an expression in LaTeX or as it is typed: {@code \frac{1}{2}x^2}, {@code 2(x+1)/3}, {@code
 * \sqrt[3]{5}}. What is written side by side is multiplied; a fraction behind a whole number is
 * added to it.
 */
final class ExpressionParser {
  private static final int DEEPEST = 50;
  private static final Map<String, DoubleUnaryOperator> FUNCTIONS =
      Map.of(
          "sin", Math::sin,
          "cos", Math::cos,
          "tan", Math::tan,
          "arcsin", Math::asin,
          "arccos", Math::acos,
          "arctan", Math::atan,
          "ln", Math::log,
          "log", Math::log10,
          "exp", Math::exp);

  private static final Set<String> GREEK =
      Set.of(
          "alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "phi", "omega",
          "rho", "sigma", "tau", "infty");

  private final String text;
  private int at;
  private int depth;

  private ExpressionParser(String text) {
    this.text = text;
  }

  /** The expression that a text is; empty if it is none, or too deep. */
  static Optional<Expression> parse(String text) {
    var parser = new ExpressionParser(text);
    try {
      Expression expression = parser.sum();
      return parser.peek() == 0 ? Optional.of(expression) : Optional.empty();
    } catch (Unreadable | ArithmeticException e) {
      return Optional.empty();
    }
  }

  /** The text is no expression; it is thrown so often that it carries no stack. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable() {
      super(null, null, false, false);
    }
  }

  private Expression sum() {
    if (++depth > DEEPEST) {
      throw new Unreadable();
    }
    boolean isNegative = false;
    while (peek() == '-' || peek() == '+') {
      isNegative ^= next() == '-';
    }
    Expression sum = signed(isNegative, product());
    while (peek() == '+' || peek() == '-') {
      boolean minus = next() == '-';
      sum = new Expression.Sum(sum, signed(minus, product()));
    }
    depth--;
    return sum;
  }

  private static Expression signed(boolean isNegative, Expression term) {
    return isNegative ? new Expression.Product(new Expression.Number(Fraction.of(-1)), term) : term;
  }

  private Expression product() {
    Expression product = power();
    while (true) {
      if (peek() == '*' && !startsWith("**")) {
        next();
        product = new Expression.Product(product, unary());
      } else if (peek() == '/') {
        next();
        product = new Expression.Product(product, inverse(unary()));
      } else if (take("\\cdot") || take("\\times")) {
        product = new Expression.Product(product, unary());
      } else if (take("\\div")) {
        product = new Expression.Product(product, inverse(unary()));
      } else if (isFraction() && isWholeNumber(product)) {
        product = new Expression.Sum(product, power());
      } else if (beginsAtom()) {
        product = new Expression.Product(product, power());
      } else {
        return product;
      }
    }
  }

  private boolean isFraction() {
    return startsWith("\\frac");
  }

  private static boolean isWholeNumber(Expression expression) {
    return expression instanceof Expression.Number number && number.value().isWhole();
  }

  private static Expression inverse(Expression expression) {
    return new Expression.Power(expression, new Expression.Number(Fraction.of(-1)));
  }

  private Expression unary() {
    boolean isNegative = false;
    while (peek() == '-' || peek() == '+') {
      isNegative ^= next() == '-';
    }
    return signed(isNegative, power());
  }

  private Expression power() {
    Expression base = atom();
    if (peek() == '!') {
      throw new Unreadable();
    }
    if (!take("**") && !take("^")) {
      return base;
    }
    if (++depth > DEEPEST) {
      throw new Unreadable();
    }
    boolean isNegative = false;
    while (peek() == '-' || peek() == '+') {
      isNegative ^= next() == '-';
    }
    Expression exponent = peek() == '{' ? group('{', '}') : power();
    depth--;
    return new Expression.Power(base, signed(isNegative, exponent));
  }

  private boolean beginsAtom() {
    char c = peek();
    return Character.isDigit(c)
        || c == '.'
        || Character.isLetter(c)
        || c == '('
        || c == '{'
        || c == '['
        || c == '√'
        || c == '\\';
  }

  private Expression atom() {
    char c = peek();
    if (Character.isDigit(c) || c == '.') {
      return number();
    }
    if (c == '(') {
      return group('(', ')');
    }
    if (c == '{') {
      return group('{', '}');
    }
    if (c == '[') {
      return group('[', ']');
    }
    if (c == '\\') {
      return command();
    }
    if (c == '√') {
      next();
      return root(atom(), new Expression.Number(Fraction.of(2)));
    }
    if (Character.isLetter(c)) {
      return word();
    }
    throw new Unreadable();
  }

  private Expression group(char open, char close) {
    expect(open);
    Expression inside = sum();
    expect(close);
    return inside;
  }

  private Expression number() {
    int begin = at;
    while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
      at++;
    }
    try {
      return new Expression.Number(Fraction.of(new BigDecimal(text.substring(begin, at))));
    } catch (NumberFormatException e) {
      throw new Unreadable();
    }
  }

  /** A letter is a variable; a known word a constant or a function. */
  private Expression word() {
    int end = at;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    String word = text.substring(at, end);
    if (word.equals("sqrt")) {
      at = end;
      return root(group('(', ')'), new Expression.Number(Fraction.of(2)));
    }
    if (word.equals("pi")) {
      at = end;
      return new Expression.Constant(Math.PI);
    }
    if (FUNCTIONS.containsKey(word)) {
      at = end;
      return function(FUNCTIONS.get(word));
    }
    char letter = next();
    return letter == 'π' ? new Expression.Constant(Math.PI) : variable(String.valueOf(letter));
  }

  private Expression variable(String letter) {
    if (peek() != '_') {
      return letter.equals("e") ? new Expression.Constant(Math.E) : new Expression.Variable(letter);
    }
    next();
    String index = peek() == '{' ? braces() : String.valueOf(next());
    return new Expression.Variable(letter + "_" + index);
  }

  private Expression command() {
    if (take("\\frac")) {
      Expression numerator = argument();
      return new Expression.Product(numerator, inverse(argument()));
    }
    if (take("\\sqrt")) {
      Expression degree = peek() == '[' ? group('[', ']') : new Expression.Number(Fraction.of(2));
      return root(argument(), degree);
    }
    int end = at + 1;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    String name = text.substring(at + 1, end);
    at = end;
    if (name.equals("pi")) {
      return new Expression.Constant(Math.PI);
    }
    if (FUNCTIONS.containsKey(name)) {
      return function(FUNCTIONS.get(name));
    }
    if (GREEK.contains(name)) {
      return variable("\\" + name);
    }
    throw new Unreadable();
  }

  private Expression function(DoubleUnaryOperator function) {
    if (peek() == '^') {
      throw new Unreadable(); // an inverse, or a power of the value: people mean both
    }
    // In brackets it is the argument alone; without, all that follows up to a sign.
    boolean isClosed = peek() == '(' || peek() == '{';
    return new Expression.Function(function, isClosed ? atom() : power());
  }

  private static Expression root(Expression of, Expression degree) {
    return new Expression.Power(of, inverse(degree));
  }

  /** What stands in braces, or else the next digit or letter alone, as in {@code \frac12}. */
  private Expression argument() {
    if (peek() == '{') {
      return group('{', '}');
    }
    if (Character.isDigit(peek())) {
      return new Expression.Number(Fraction.of(next() - '0'));
    }
    return atom();
  }

  private String braces() {
    expect('{');
    int end = text.indexOf('}', at);
    if (end < 0) {
      throw new Unreadable();
    }
    String inside = text.substring(at, end);
    at = end + 1;
    return inside;
  }

  /** The next character that is no space; 0 at the end. */
  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private char next() {
    char c = peek();
    if (c == 0) {
      throw new Unreadable();
    }
    at++;
    return c;
  }

  private void expect(char wanted) {
    if (next() != wanted) {
      throw new Unreadable();
    }
  }

  private boolean startsWith(String word) {
    peek();
    return text.startsWith(word, at);
  }

  private boolean take(String word) {
    if (!startsWith(word)) {
      return false;
    }
    at += word.length();
    return true;
  }
}
