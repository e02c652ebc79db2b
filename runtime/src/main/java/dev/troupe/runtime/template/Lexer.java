package dev.troupe.runtime.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Cuts a template into tokens. As in transformers, the first line break after a statement is
 * removed (trim_blocks), and so are blanks between the start of a line and a statement
 * (lstrip_blocks); a minus beside a bracket removes all white space on its side, a plus none.
 */
final class Lexer {
  /** What a token is. */
  enum Kind {
    TEXT,
    OUTPUT_BEGIN,
    OUTPUT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    DECIMAL,
    OPERATOR,
    END
  }

  /**
   * A token.
   *
   * @param text of a string literal its value, else what is written
   * @param line where it begins, from 1
   */
  record Token(Kind kind, String text, int line) {
    boolean is(Kind wanted, String written) {
      return kind == wanted && text.equals(written);
    }
  }

  private static final List<String> LONG_OPERATORS = List.of("==", "!=", "<=", ">=", "//", "**");
  private static final String OPERATORS = "+-*/%~<>=()[]{}.,:|";
  private static final Set<Character> BRACKETS = Set.of('{', '%', '#');

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  /** Whether the text after the last bracket loses its white space, or its first line break. */
  private boolean stripsAll;

  private boolean stripsBreak;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    // Jinja keeps no line break at the very end.
    var lexer =
        new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < source.length()) {
      int open = bracket(at);
      boolean isEnd = open < 0;
      text(isEnd ? source.length() : open, !isEnd);
      if (!isEnd) {
        bracketed();
      }
    }
    add(Kind.END, "");
  }

  private int bracket(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && BRACKETS.contains(source.charAt(i + 1))) {
        return i;
      }
    }
    return -1;
  }

  private void text(int end, boolean isBeforeBracket) {
    String text = source.substring(at, end);
    String kept = text;
    if (stripsAll) {
      kept = kept.stripLeading();
    } else if (stripsBreak && kept.startsWith("\n")) {
      kept = kept.substring(1);
    }
    if (isBeforeBracket) {
      char sign = end + 2 < source.length() ? source.charAt(end + 2) : ' ';
      if (sign == '-') {
        kept = kept.stripTrailing();
      } else if (sign != '+' && source.charAt(end + 1) != '{') {
        kept = withoutIndent(kept, text.length() == end);
      }
    }
    if (!kept.isEmpty()) {
      add(Kind.TEXT, kept);
    }
    skip(end);
    stripsAll = false;
    stripsBreak = false;
  }

  /** The text without blanks that stand alone on its last line. */
  private String withoutIndent(String text, boolean isAtStart) {
    int lineStart = text.lastIndexOf('\n') + 1;
    boolean startsLine = lineStart > 0 || isAtStart || stripsBreak && endsLine(text);
    return startsLine && text.substring(lineStart).isBlank() ? text.substring(0, lineStart) : text;
  }

  /** Whether the removed line break was all that stood between two brackets and this text. */
  private boolean endsLine(String text) {
    return source.startsWith("\n", at) && !text.contains("\n");
  }

  private void bracketed() {
    char kind = source.charAt(at + 1);
    skip(at + 2);
    if (at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+')) {
      skip(at + 1);
    }
    if (kind == '#') {
      int close = source.indexOf("#}", at);
      if (close < 0) {
        throw fault("a comment that is not closed");
      }
      close(close, true);
      return;
    }
    boolean isBlock = kind == '%';
    add(isBlock ? Kind.BLOCK_BEGIN : Kind.OUTPUT_BEGIN, "");
    String end = isBlock ? "%}" : "}}";
    int depth = 0;
    while (true) {
      skipBlanks();
      if (at >= source.length()) {
        throw fault("a bracket that is not closed with " + end);
      }
      boolean isSigned = (peek() == '-' || peek() == '+') && source.startsWith(end, at + 1);
      // Two braces may also close a literal within an output.
      if (depth == 0 && (isSigned || source.startsWith(end, at))) {
        add(isBlock ? Kind.BLOCK_END : Kind.OUTPUT_END, "");
        close(at + (isSigned ? 1 : 0), isBlock);
        return;
      }
      depth += "([{".indexOf(peek()) >= 0 ? 1 : ")]}".indexOf(peek()) >= 0 ? -1 : 0;
      token();
    }
  }

  /** Goes behind a closing bracket whose two letters begin at a place. */
  private void close(int bracket, boolean isBlock) {
    char sign = source.charAt(bracket - 1);
    stripsAll = sign == '-';
    stripsBreak = isBlock && sign != '+' && !stripsAll;
    skip(bracket + 2);
  }

  private void token() {
    char c = peek();
    if (Character.isLetter(c) || c == '_') {
      int end = at;
      while (end < source.length()
          && (Character.isLetterOrDigit(source.charAt(end)) || source.charAt(end) == '_')) {
        end++;
      }
      take(Kind.NAME, end);
    } else if (Character.isDigit(c)) {
      number();
    } else if (c == '\'' || c == '"') {
      string(c);
    } else if (LONG_OPERATORS.stream().anyMatch(operator -> source.startsWith(operator, at))) {
      take(Kind.OPERATOR, at + 2);
    } else if (OPERATORS.indexOf(c) >= 0) {
      take(Kind.OPERATOR, at + 1);
    } else {
      throw fault("the character '" + c + "', which has no meaning there");
    }
  }

  private void number() {
    int end = at;
    while (end < source.length() && Character.isDigit(source.charAt(end))) {
      end++;
    }
    boolean hasFraction =
        end + 1 < source.length()
            && source.charAt(end) == '.'
            && Character.isDigit(source.charAt(end + 1));
    if (hasFraction) {
      end++;
      while (end < source.length() && Character.isDigit(source.charAt(end))) {
        end++;
      }
    }
    take(hasFraction ? Kind.DECIMAL : Kind.INTEGER, end);
  }

  private void string(char quote) {
    var value = new StringBuilder();
    int i = at + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      char c = source.charAt(i++);
      if (c != '\\' || i == source.length()) {
        value.append(c);
        continue;
      }
      char escaped = source.charAt(i++);
      switch (escaped) {
        case 'n' -> value.append('\n');
        case 't' -> value.append('\t');
        case 'r' -> value.append('\r');
        case '\\', '\'', '"' -> value.append(escaped);
        case 'u' -> {
          value.append((char) Integer.parseInt(source.substring(i, i + 4), 16));
          i += 4;
        }
        default -> value.append('\\').append(escaped);
      }
    }
    if (i >= source.length()) {
      throw fault("a text that is not closed with " + quote);
    }
    add(Kind.STRING, value.toString());
    skip(i + 1);
  }

  private void take(Kind kind, int end) {
    add(kind, source.substring(at, end));
    skip(end);
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private void skipBlanks() {
    int end = at;
    while (end < source.length() && Character.isWhitespace(source.charAt(end))) {
      end++;
    }
    skip(end);
  }

  private void skip(int end) {
    for (int i = at; i < end; i++) {
      line += source.charAt(i) == '\n' ? 1 : 0;
    }
    at = end;
  }

  private char peek() {
    return source.charAt(at);
  }

  private TemplateException fault(String what) {
    return new TemplateException("The chat template has on line %d %s.".formatted(line, what));
  }
}
