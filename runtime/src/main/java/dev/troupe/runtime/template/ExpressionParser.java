package dev.troupe.runtime.template;

import dev.troupe.runtime.template.Lexer.Kind;
import dev.troupe.runtime.template.Lexer.Token;
import dev.troupe.runtime.template.Values.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/** Reads expressions, those that bind least first, as the grammar of Jinja orders them. */
final class ExpressionParser {
  private static final Map<String, BiPredicate<Object, Object>> COMPARISONS =
      Map.of(
          "==", Values::areEqual,
          "!=", (left, right) -> !Values.areEqual(left, right),
          "<", (left, right) -> Values.compare(left, right) < 0,
          ">", (left, right) -> Values.compare(left, right) > 0,
          "<=", (left, right) -> Values.compare(left, right) <= 0,
          ">=", (left, right) -> Values.compare(left, right) >= 0);

  private final TokenReader tokens;

  ExpressionParser(TokenReader tokens) {
    this.tokens = tokens;
  }

  /** An expression, possibly {@code a if b else c}. */
  Expression parse() {
    Expression value = either();
    while (tokens.acceptName("if")) {
      Expression condition = either();
      Expression otherwise =
          tokens.acceptName("else") ? parse() : scope -> new Undefined("the other case");
      Expression chosen = value;
      value =
          scope ->
              Values.isTrue(condition.evaluate(scope))
                  ? chosen.evaluate(scope)
                  : otherwise.evaluate(scope);
    }
    return value;
  }

  /** Expressions with commas between them are a list. */
  Expression parseTuple() {
    Expression first = parse();
    if (!tokens.isAtOperator(",")) {
      return first;
    }
    List<Expression> elements = new ArrayList<>(List.of(first));
    while (tokens.accept(",")) {
      elements.add(parse());
    }
    return list(elements);
  }

  Expression either() {
    Expression left = both();
    while (tokens.acceptName("or")) {
      Expression one = left;
      Expression other = both();
      left =
          scope -> {
            Object value = one.evaluate(scope);
            return Values.isTrue(value) ? value : other.evaluate(scope);
          };
    }
    return left;
  }

  private Expression both() {
    Expression left = negation();
    while (tokens.acceptName("and")) {
      Expression one = left;
      Expression other = negation();
      left =
          scope -> {
            Object value = one.evaluate(scope);
            return Values.isTrue(value) ? other.evaluate(scope) : value;
          };
    }
    return left;
  }

  private Expression negation() {
    if (tokens.acceptName("not")) {
      Expression negated = negation();
      return scope -> !Values.isTrue(negated.evaluate(scope));
    }
    return comparison();
  }

  private Expression comparison() {
    Expression left = sum();
    while (true) {
      BiPredicate<Object, Object> test =
          tokens.isAt(Kind.OPERATOR) ? COMPARISONS.get(tokens.peek().text()) : null;
      if (test != null) {
        tokens.next();
      } else if (tokens.acceptName("in")) {
        test = (element, container) -> Values.contains(container, element);
      } else if (tokens.acceptNotIn()) {
        test = (element, container) -> !Values.contains(container, element);
      } else {
        return left;
      }
      left = compared(left, test, sum());
    }
  }

  private static Expression compared(
      Expression left, BiPredicate<Object, Object> test, Expression right) {
    return scope -> test.test(left.evaluate(scope), right.evaluate(scope));
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.isAtOperator("+") || tokens.isAtOperator("-")) {
      left = calculated(left, tokens.next().text(), concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression left = product();
    while (tokens.accept("~")) {
      Expression one = left;
      Expression other = product();
      left = scope -> Values.text(one.evaluate(scope)) + Values.text(other.evaluate(scope));
    }
    return left;
  }

  private Expression product() {
    Expression left = unary();
    while (tokens.isAtOperator("*")
        || tokens.isAtOperator("/")
        || tokens.isAtOperator("//")
        || tokens.isAtOperator("%")) {
      left = calculated(left, tokens.next().text(), unary());
    }
    return left;
  }

  private static Expression calculated(Expression left, String operator, Expression right) {
    return scope -> Arithmetic.calculate(left.evaluate(scope), operator, right.evaluate(scope));
  }

  private Expression unary() {
    if (tokens.accept("-")) {
      Expression negated = unary();
      return scope -> Arithmetic.calculate(0L, "-", negated.evaluate(scope));
    }
    if (tokens.accept("+")) {
      return unary();
    }
    Expression value = filtered(postfix(primary()));
    if (tokens.accept("**")) {
      return calculated(value, "**", unary());
    }
    return value;
  }

  private Expression primary() {
    Token token = tokens.next();
    switch (token.kind()) {
      case STRING -> {
        var text = new StringBuilder(token.text());
        while (tokens.isAt(Kind.STRING)) {
          text.append(tokens.next().text());
        }
        String joined = text.toString();
        return scope -> joined;
      }
      case INTEGER -> {
        Long number = Long.valueOf(token.text());
        return scope -> number;
      }
      case DECIMAL -> {
        Double number = Double.valueOf(token.text());
        return scope -> number;
      }
      case NAME -> {
        return name(token.text());
      }
      default -> {
        return bracketed(token);
      }
    }
  }

  private static Expression name(String name) {
    return switch (name) {
      case "true", "True" -> scope -> true;
      case "false", "False" -> scope -> false;
      case "none", "None" -> scope -> null;
      default -> scope -> scope.get(name);
    };
  }

  private Expression bracketed(Token token) {
    if (token.is(Kind.OPERATOR, "(")) {
      if (tokens.accept(")")) {
        return list(List.of());
      }
      Expression inner = parseTuple();
      tokens.expect(")");
      return inner;
    }
    if (token.is(Kind.OPERATOR, "[")) {
      return list(elements("]"));
    }
    if (token.is(Kind.OPERATOR, "{")) {
      return mapping();
    }
    throw new TemplateException(
        "The chat template has on line %d '%s' where a value is expected."
            .formatted(token.line(), token.text()));
  }

  private List<Expression> elements(String close) {
    var elements = new ArrayList<Expression>();
    while (!tokens.accept(close)) {
      elements.add(parse());
      if (!tokens.isAtOperator(close)) {
        tokens.expect(",");
      }
    }
    return elements;
  }

  private static Expression list(List<Expression> elements) {
    return scope -> {
      var list = new ArrayList<Object>();
      elements.forEach(element -> list.add(element.evaluate(scope)));
      return list;
    };
  }

  private Expression mapping() {
    Map<Expression, Expression> entries = new LinkedHashMap<>();
    while (!tokens.accept("}")) {
      Expression key = parse();
      tokens.expect(":");
      entries.put(key, parse());
      if (!tokens.isAtOperator("}")) {
        tokens.expect(",");
      }
    }
    return scope -> {
      var map = new LinkedHashMap<String, Object>();
      entries.forEach(
          (key, value) -> map.put(Values.text(key.evaluate(scope)), value.evaluate(scope)));
      return map;
    };
  }

  private Expression postfix(Expression value) {
    Expression result = value;
    while (true) {
      if (tokens.accept(".")) {
        Expression owner = result;
        String name = tokens.isAt(Kind.INTEGER) ? tokens.next().text() : tokens.expectName();
        result = scope -> Members.attribute(owner.evaluate(scope), name);
      } else if (tokens.accept("[")) {
        result = subscript(result);
      } else if (tokens.isAtOperator("(")) {
        result = call(result);
      } else {
        return result;
      }
    }
  }

  private Expression subscript(Expression owner) {
    Expression from = tokens.isAtOperator(":") ? scope -> null : parse();
    if (tokens.accept("]")) {
      return scope -> Members.element(owner.evaluate(scope), from.evaluate(scope));
    }
    tokens.expect(":");
    boolean isOpen = tokens.isAtOperator("]") || tokens.isAtOperator(":");
    Expression to = isOpen ? scope -> null : parse();
    Expression step = tokens.accept(":") && !tokens.isAtOperator("]") ? parse() : scope -> null;
    tokens.expect("]");
    return scope ->
        Members.slice(
            owner.evaluate(scope), from.evaluate(scope), to.evaluate(scope), step.evaluate(scope));
  }

  private Expression call(Expression function) {
    Arguments arguments = arguments();
    return scope -> {
      Object callee = function.evaluate(scope);
      if (!(callee instanceof Values.Function callable)) {
        throw new TemplateException("The chat template calls %s.".formatted(Values.kind(callee)));
      }
      return callable.call(arguments.positional(scope), arguments.named(scope));
    };
  }

  /** The arguments of a call. */
  record Arguments(List<Expression> unnamed, Map<String, Expression> byName) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    List<Object> positional(Scope scope) {
      var values = new ArrayList<Object>();
      unnamed.forEach(argument -> values.add(argument.evaluate(scope)));
      return values;
    }

    Map<String, Object> named(Scope scope) {
      var values = new LinkedHashMap<String, Object>();
      byName.forEach((name, argument) -> values.put(name, argument.evaluate(scope)));
      return values;
    }
  }

  private Arguments arguments() {
    tokens.expect("(");
    var unnamed = new ArrayList<Expression>();
    Map<String, Expression> byName = new LinkedHashMap<>();
    while (!tokens.accept(")")) {
      if (tokens.isAtNamedArgument()) {
        String name = tokens.expectName();
        tokens.expect("=");
        byName.put(name, parse());
      } else {
        unnamed.add(parse());
      }
      if (!tokens.isAtOperator(")")) {
        tokens.expect(",");
      }
    }
    return new Arguments(unnamed, byName);
  }

  /** Filters and tests behind a value. */
  private Expression filtered(Expression value) {
    Expression result = value;
    while (true) {
      if (tokens.accept("|")) {
        String name = tokens.expectName();
        Arguments arguments = tokens.isAtOperator("(") ? arguments() : Arguments.NONE;
        Expression input = result;
        result =
            scope ->
                Filters.apply(
                    name,
                    input.evaluate(scope),
                    arguments.positional(scope),
                    arguments.named(scope));
      } else if (tokens.acceptName("is")) {
        result = tested(result);
      } else {
        return result;
      }
    }
  }

  private Expression tested(Expression value) {
    boolean isNegated = tokens.acceptName("not");
    String name = tokens.expectName();
    Arguments arguments = Arguments.NONE;
    if (tokens.isAtOperator("(")) {
      arguments = arguments();
    } else if (tokens.isAt(Kind.STRING) || tokens.isAt(Kind.INTEGER)) {
      arguments = new Arguments(List.of(primary()), Map.of());
    }
    Arguments given = arguments;
    return scope -> Filters.test(name, value.evaluate(scope), given.positional(scope)) != isNegated;
  }
}
