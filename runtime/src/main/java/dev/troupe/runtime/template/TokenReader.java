package dev.troupe.runtime.template;

import dev.troupe.runtime.template.Lexer.Kind;
import dev.troupe.runtime.template.Lexer.Token;
import java.util.List;

/** Walks over the tokens of a template. */
final class TokenReader {
  private final List<Token> tokens;
  private int at;

  TokenReader(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token next() {
    return tokens.get(at++);
  }

  boolean isAt(Kind kind) {
    return peek().kind() == kind;
  }

  boolean isAtOperator(String written) {
    return peek().is(Kind.OPERATOR, written);
  }

  boolean isAtName(String written) {
    return peek().is(Kind.NAME, written);
  }

  /** Goes on if the token is this operator. */
  boolean accept(String operator) {
    boolean found = isAtOperator(operator);
    at += found ? 1 : 0;
    return found;
  }

  /** Goes on if the token is this word. */
  boolean acceptName(String word) {
    boolean found = isAtName(word);
    at += found ? 1 : 0;
    return found;
  }

  /** Goes on if the tokens are {@code not in}. */
  boolean acceptNotIn() {
    boolean found = isAtName("not") && tokens.get(at + 1).is(Kind.NAME, "in");
    at += found ? 2 : 0;
    return found;
  }

  /** Whether the next tokens are a word and an equals sign: a named argument. */
  boolean isAtNamedArgument() {
    return isAt(Kind.NAME) && tokens.get(at + 1).is(Kind.OPERATOR, "=");
  }

  void expect(String operator) {
    if (!accept(operator)) {
      throw unexpected(operator);
    }
  }

  String expectName() {
    if (!isAt(Kind.NAME)) {
      throw unexpected("a name");
    }
    return next().text();
  }

  void expect(Kind kind) {
    if (!isAt(kind)) {
      throw unexpected(kind == Kind.BLOCK_END ? "%}" : "}}");
    }
    at++;
  }

  TemplateException unexpected(String wanted) {
    Token found = peek();
    return new TemplateException(
        "The chat template has on line %d %s where %s is expected."
            .formatted(
                found.line(),
                found.text().isEmpty() ? "nothing more" : "'" + found.text() + "'",
                wanted));
  }
}
