package dev.troupe.runtime.template;

import dev.troupe.runtime.template.Lexer.Kind;
import dev.troupe.runtime.template.Lexer.Token;
import dev.troupe.runtime.template.Values.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads texts, outputs and statements. */
final class StatementParser {
  /** Something that adds to the text. */
  @FunctionalInterface
  interface Statement {
    Flow render(Scope scope, StringBuilder out);
  }

  /** How a statement ended. */
  enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  private final TokenReader tokens;
  private final ExpressionParser expressions;

  StatementParser(List<Token> tokens) {
    this.tokens = new TokenReader(tokens);
    this.expressions = new ExpressionParser(this.tokens);
  }

  /** The whole template. */
  Statement parse() {
    Statement body = body(Set.of());
    if (!tokens.isAt(Kind.END)) {
      throw tokens.unexpected("the end");
    }
    return body;
  }

  /** Statements up to one of the words, which is the next token then, or up to the end. */
  private Statement body(Set<String> ends) {
    var statements = new ArrayList<Statement>();
    while (!tokens.isAt(Kind.END)) {
      Token token = tokens.next();
      if (token.kind() == Kind.TEXT) {
        String text = token.text();
        statements.add(
            (scope, out) -> {
              out.append(text);
              return Flow.ON;
            });
      } else if (token.kind() == Kind.OUTPUT_BEGIN) {
        Expression value = expressions.parseTuple();
        tokens.expect(Kind.OUTPUT_END);
        statements.add(
            (scope, out) -> {
              out.append(Values.text(value.evaluate(scope)));
              return Flow.ON;
            });
      } else if (tokens.isAt(Kind.NAME) && ends.contains(tokens.peek().text())) {
        return sequence(statements);
      } else {
        statements.add(statement());
      }
    }
    if (!ends.isEmpty()) {
      throw tokens.unexpected("{% " + String.join(" or ", ends) + " %}");
    }
    return sequence(statements);
  }

  private static Statement sequence(List<Statement> statements) {
    return (scope, out) -> {
      for (Statement statement : statements) {
        Flow flow = statement.render(scope, out);
        if (flow != Flow.ON) {
          return flow;
        }
      }
      return Flow.ON;
    };
  }

  private Statement statement() {
    Token word = tokens.peek();
    switch (tokens.expectName()) {
      case "if" -> {
        return condition();
      }
      case "for" -> {
        return loop();
      }
      case "set" -> {
        return assignment();
      }
      case "macro" -> {
        return macro();
      }
      case "generation" -> { // Marks what the assistant wrote; the text is the same.
        tokens.expect(Kind.BLOCK_END);
        Statement body = body(Set.of("endgeneration"));
        end();
        return body;
      }
      case "break" -> {
        tokens.expect(Kind.BLOCK_END);
        return (scope, out) -> Flow.BREAK;
      }
      case "continue" -> {
        tokens.expect(Kind.BLOCK_END);
        return (scope, out) -> Flow.CONTINUE;
      }
      default ->
          throw new TemplateException(
              "The chat template has on line %d the statement '%s', which is not known here."
                  .formatted(word.line(), word.text()));
    }
  }

  /** The word that ends a statement's body. */
  private void end() {
    tokens.expectName();
    tokens.expect(Kind.BLOCK_END);
  }

  private Statement condition() {
    Expression condition = expressions.parse();
    tokens.expect(Kind.BLOCK_END);
    Statement then = body(Set.of("elif", "else", "endif"));
    Statement otherwise;
    if (tokens.acceptName("elif")) {
      otherwise = condition();
    } else if (tokens.acceptName("else")) {
      tokens.expect(Kind.BLOCK_END);
      otherwise = body(Set.of("endif"));
      end();
    } else {
      otherwise = (scope, out) -> Flow.ON;
      end();
    }
    return (scope, out) ->
        (Values.isTrue(condition.evaluate(scope)) ? then : otherwise).render(scope, out);
  }

  private Statement loop() {
    var names = new ArrayList<String>();
    do {
      names.add(tokens.expectName());
    } while (tokens.accept(","));
    if (!tokens.acceptName("in")) {
      throw tokens.unexpected("in");
    }
    Expression source = expressions.either();
    Expression filter = tokens.acceptName("if") ? expressions.parse() : scope -> true;
    tokens.expect(Kind.BLOCK_END);
    Statement body = body(Set.of("else", "endfor"));
    Statement otherwise = (scope, out) -> Flow.ON;
    if (tokens.acceptName("else")) {
      tokens.expect(Kind.BLOCK_END);
      otherwise = body(Set.of("endfor"));
    }
    end();
    return new Loop(names, source, filter, body, otherwise);
  }

  private record Loop(
      List<String> names, Expression source, Expression filter, Statement body, Statement otherwise)
      implements Statement {
    @Override
    public Flow render(Scope scope, StringBuilder out) {
      List<Object> elements = new ArrayList<>();
      for (Object element : Values.list(source.evaluate(scope))) {
        if (Values.isTrue(filter.evaluate(bound(scope, element)))) {
          elements.add(element);
        }
      }
      if (elements.isEmpty()) {
        return otherwise.render(scope, out);
      }
      for (int i = 0; i < elements.size(); i++) {
        Scope inner = bound(scope, elements.get(i));
        inner.set("loop", position(elements, i));
        if (body.render(inner, out) == Flow.BREAK) {
          break;
        }
      }
      return Flow.ON;
    }

    private Scope bound(Scope scope, Object element) {
      var inner = new Scope(scope);
      if (names.size() == 1) {
        inner.set(names.get(0), element);
      } else {
        List<Object> parts = Values.list(element);
        for (int i = 0; i < names.size(); i++) {
          inner.set(names.get(i), parts.get(i));
        }
      }
      return inner;
    }

    private static Map<String, Object> position(List<Object> elements, int index) {
      Map<String, Object> loop = new LinkedHashMap<>();
      loop.put("index", index + 1L);
      loop.put("index0", (long) index);
      loop.put("revindex", (long) elements.size() - index);
      loop.put("revindex0", elements.size() - index - 1L);
      loop.put("first", index == 0);
      loop.put("last", index == elements.size() - 1);
      loop.put("length", (long) elements.size());
      if (index > 0) {
        loop.put("previtem", elements.get(index - 1));
      }
      if (index < elements.size() - 1) {
        loop.put("nextitem", elements.get(index + 1));
      }
      return loop;
    }
  }

  private Statement assignment() {
    String name = tokens.expectName();
    String entry = tokens.accept(".") ? tokens.expectName() : null;
    if (tokens.accept("=")) {
      Expression value = expressions.parseTuple();
      tokens.expect(Kind.BLOCK_END);
      return (scope, out) -> {
        assign(scope, name, entry, value.evaluate(scope));
        return Flow.ON;
      };
    }
    tokens.expect(Kind.BLOCK_END);
    Statement body = body(Set.of("endset"));
    end();
    return (scope, out) -> {
      var text = new StringBuilder();
      body.render(new Scope(scope), text);
      assign(scope, name, entry, text.toString());
      return Flow.ON;
    };
  }

  /** A name of this scope, or an entry of a namespace, which outlives loops. */
  @SuppressWarnings("unchecked") // Every mapping made here has text keys.
  private static void assign(Scope scope, String name, String entry, Object value) {
    if (entry == null) {
      scope.set(name, value);
    } else if (scope.get(name) instanceof Map<?, ?> namespace) {
      ((Map<String, Object>) namespace).put(entry, value);
    } else {
      throw new TemplateException(
          "The chat template sets %s.%s, but %s is no namespace.".formatted(name, entry, name));
    }
  }

  private Statement macro() {
    String name = tokens.expectName();
    Map<String, Expression> parameters = new LinkedHashMap<>();
    tokens.expect("(");
    while (!tokens.accept(")")) {
      String parameter = tokens.expectName();
      parameters.put(
          parameter, tokens.accept("=") ? expressions.parse() : scope -> new Undefined(parameter));
      if (!tokens.isAtOperator(")")) {
        tokens.expect(",");
      }
    }
    tokens.expect(Kind.BLOCK_END);
    Statement body = body(Set.of("endmacro"));
    end();
    return (scope, out) -> {
      Values.Function function =
          (positional, named) -> {
            var inner = new Scope(scope);
            int place = 0;
            for (Map.Entry<String, Expression> parameter : parameters.entrySet()) {
              String key = parameter.getKey();
              inner.set(
                  key,
                  place < positional.size()
                      ? positional.get(place)
                      : named.containsKey(key)
                          ? named.get(key)
                          : parameter.getValue().evaluate(scope));
              place++;
            }
            var text = new StringBuilder();
            body.render(inner, text);
            return text.toString();
          };
      scope.set(name, function);
      return Flow.ON;
    };
  }
}
