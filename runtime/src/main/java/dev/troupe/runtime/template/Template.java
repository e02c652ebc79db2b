package dev.troupe.runtime.template;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A template in Jinja, as transformers renders those of chats: with trim_blocks and lstrip_blocks,
 * {@code raise_exception}, {@code strftime_now}, {@code namespace} and {@code range}, JSON without
 * escapes for letters, and loops that can be left. Immutable; a rendering touches nothing outside.
 */
public final class Template {
  private static final int LONGEST_RANGE = 100_000;

  private final StatementParser.Statement body;

  private Template(StatementParser.Statement body) {
    this.body = body;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException naming the line and what is wrong or not known there
   */
  public static Template parse(String source) {
    return new Template(new StatementParser(Lexer.tokens(source)).parse());
  }

  /**
   * The text for some values.
   *
   * @param values texts, Long, Double, Boolean, null, lists and mappings of these with text keys
   * @param clock of {@code strftime_now}
   * @throws TemplateException if the template refuses the values, with its own message, or cannot
   *     work with them
   */
  public String render(Map<String, Object> values, Clock clock) {
    var scope = new Scope(null);
    scope.set("raise_exception", (Values.Function) (positional, named) -> refuse(positional));
    scope.set(
        "strftime_now",
        (Values.Function)
            (positional, named) -> now(Values.text(positional.get(0)), LocalDateTime.now(clock)));
    scope.set("namespace", (Values.Function) (positional, named) -> new LinkedHashMap<>(named));
    scope.set("dict", (Values.Function) (positional, named) -> new LinkedHashMap<>(named));
    scope.set("range", (Values.Function) (positional, named) -> range(positional));
    values.forEach(scope::set);
    var out = new StringBuilder();
    try {
      body.render(scope, out);
    } catch (IndexOutOfBoundsException | ClassCastException | ArithmeticException e) {
      throw new TemplateException(
          "The chat template cannot work with what it is given: " + e.getMessage());
    }
    return out.toString();
  }

  private static Object refuse(List<Object> message) {
    throw new TemplateException(
        "The chat template refuses these messages: %s"
            .formatted(message.isEmpty() ? "" : Values.text(message.get(0))));
  }

  private static List<Object> range(List<Object> bounds) {
    int from = bounds.size() > 1 ? Values.integer(bounds.get(0)) : 0;
    int to = Values.integer(bounds.get(bounds.size() > 1 ? 1 : 0));
    int step = bounds.size() > 2 ? Values.integer(bounds.get(2)) : 1;
    if (step == 0 || Math.abs((long) to - from) > LONGEST_RANGE) {
      throw new TemplateException("The chat template counts from %d to %d.".formatted(from, to));
    }
    var numbers = new ArrayList<Object>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      numbers.add(i);
    }
    return numbers;
  }

  /** Python's {@code strftime} for the fields that dates in prompts have. */
  private static String now(String pattern, LocalDateTime now) {
    var text = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c != '%' || i + 1 == pattern.length()) {
        text.append(c);
        continue;
      }
      char field = pattern.charAt(++i);
      text.append(
          switch (field) {
            case 'a' -> now.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b' -> now.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'B' -> now.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'd' -> formatted(now, "dd");
            case 'm' -> formatted(now, "MM");
            case 'y' -> formatted(now, "yy");
            case 'Y' -> formatted(now, "uuuu");
            case 'H' -> formatted(now, "HH");
            case 'I' -> formatted(now, "hh");
            case 'M' -> formatted(now, "mm");
            case 'S' -> formatted(now, "ss");
            case 'p' -> now.getHour() < 12 ? "AM" : "PM";
            case 'j' -> formatted(now, "DDD");
            case '%' -> "%";
            default ->
                throw new TemplateException(
                    "The chat template writes a date with %"
                        + field
                        + ", which is not known here.");
          });
    }
    return text.toString();
  }

  private static String formatted(LocalDateTime now, String pattern) {
    return now.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
  }
}
