package dev.troupe.runtime.template;

import dev.troupe.runtime.template.Values.Function;
import dev.troupe.runtime.template.Values.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Jinja's filters and tests, as far as chat templates use them. */
final class Filters {
  private Filters() {}

  static Object apply(
      String name, Object value, List<Object> arguments, Map<String, Object> named) {
    return switch (name) {
      case "trim" -> Members.strip(Values.text(value), text(arguments, 0, null), true, true);
      case "tojson" -> json(value, arguments, named);
      case "length", "count" -> Values.length(value);
      case "upper" -> Values.text(value).toUpperCase(Locale.ROOT);
      case "lower" -> Values.text(value).toLowerCase(Locale.ROOT);
      case "title" -> Members.title(Values.text(value));
      case "capitalize" -> Members.capitalize(Values.text(value));
      case "string", "safe" -> Values.text(value);
      case "list" -> Values.list(value);
      case "items" -> Members.items((Map<?, ?>) value);
      case "first" -> Members.element(Values.list(value), 0L);
      case "last" -> Members.element(Values.list(value), -1L);
      case "reverse" -> reversed(value);
      case "unique" -> new ArrayList<>(new LinkedHashSet<>(Values.list(value)));
      case "join" -> join(value, arguments, named);
      case "default", "d" -> orDefault(value, arguments, named);
      case "replace" -> Values.text(value).replace(text(arguments, 0, ""), text(arguments, 1, ""));
      case "int" -> toInteger(value);
      case "float" -> Double.valueOf(Values.text(value).strip());
      case "abs" -> Values.compare(value, 0L) < 0 ? Arithmetic.calculate(0L, "-", value) : value;
      case "indent" -> indent(Values.text(value), arguments, named);
      case "map" -> map(value, arguments, named);
      case "selectattr" -> select(value, arguments, true);
      case "rejectattr" -> select(value, arguments, false);
      case "select" -> filter(value, it -> isMatch(it, arguments, 0));
      case "reject" -> filter(value, it -> !isMatch(it, arguments, 0));
      default ->
          throw new TemplateException(
              "The chat template uses the filter '%s', which is not known here.".formatted(name));
    };
  }

  static boolean test(String name, Object value, List<Object> arguments) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "string" -> value instanceof String;
      case "mapping" -> value instanceof Map<?, ?>;
      case "sequence", "iterable" ->
          value instanceof List<?> || value instanceof Map<?, ?> || value instanceof String;
      case "number" -> value instanceof Number;
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "callable" -> value instanceof Function;
      case "odd" -> Values.integer(value) % 2 != 0;
      case "even" -> Values.integer(value) % 2 == 0;
      case "divisibleby" -> Values.integer(value) % Values.integer(arguments.get(0)) == 0;
      case "equalto", "eq" -> Values.areEqual(value, arguments.get(0));
      case "ne" -> !Values.areEqual(value, arguments.get(0));
      case "in" -> Values.contains(arguments.get(0), value);
      default ->
          throw new TemplateException(
              "The chat template uses the test '%s', which is not known here.".formatted(name));
    };
  }

  private static String text(List<Object> arguments, int index, String absent) {
    return arguments.size() > index ? Values.text(arguments.get(index)) : absent;
  }

  private static Object argument(
      List<Object> arguments, int index, Map<String, Object> named, String name, Object absent) {
    return arguments.size() > index ? arguments.get(index) : named.getOrDefault(name, absent);
  }

  private static String json(Object value, List<Object> arguments, Map<String, Object> named) {
    Object indent = named.containsKey("indent") ? named.get("indent") : text(arguments, 1, null);
    return Values.json(value, indent == null ? -1 : Values.integer(indent), 0);
  }

  private static Object reversed(Object value) {
    List<Object> list = new ArrayList<>(Values.list(value));
    Collections.reverse(list);
    return value instanceof String ? join(list, List.of(), Map.of()) : list;
  }

  private static String join(Object value, List<Object> arguments, Map<String, Object> named) {
    Object separator = argument(arguments, 0, named, "d", "");
    Object attribute = argument(arguments, 1, named, "attribute", null);
    return Values.list(value).stream()
        .map(it -> attribute == null ? it : Members.element(it, attribute))
        .map(Values::text)
        .collect(Collectors.joining(Values.text(separator)));
  }

  private static Object orDefault(Object value, List<Object> arguments, Map<String, Object> named) {
    boolean alsoFalse = Values.isTrue(argument(arguments, 1, named, "boolean", false));
    boolean isMissing = value instanceof Undefined || alsoFalse && !Values.isTrue(value);
    return isMissing ? argument(arguments, 0, named, "default_value", "") : value;
  }

  private static Object toInteger(Object value) {
    if (value instanceof Number number) {
      return number.longValue();
    }
    String text = Values.text(value).strip();
    return text.matches("[+-]?\\d{1,18}") ? Long.parseLong(text) : 0L;
  }

  private static String indent(String text, List<Object> arguments, Map<String, Object> named) {
    Object width = argument(arguments, 0, named, "width", 4L);
    boolean first = Values.isTrue(argument(arguments, 1, named, "first", false));
    String margin = width instanceof String blanks ? blanks : " ".repeat(Values.integer(width));
    String[] lines = text.split("\n", -1);
    for (int i = first ? 0 : 1; i < lines.length; i++) {
      lines[i] = lines[i].isEmpty() ? "" : margin + lines[i];
    }
    return String.join("\n", lines);
  }

  private static List<Object> map(Object value, List<Object> arguments, Map<String, Object> named) {
    var mapped = new ArrayList<Object>();
    for (Object element : Values.list(value)) {
      if (named.containsKey("attribute")) {
        Object found = Members.element(element, named.get("attribute"));
        mapped.add(
            found instanceof Undefined && named.containsKey("default")
                ? named.get("default")
                : found);
      } else {
        mapped.add(
            apply(
                text(arguments, 0, ""), element, arguments.subList(1, arguments.size()), Map.of()));
      }
    }
    return mapped;
  }

  private static List<Object> select(Object value, List<Object> arguments, boolean wanted) {
    return filter(
        value, it -> isMatch(Members.element(it, arguments.get(0)), arguments, 1) == wanted);
  }

  /** Applies the test that is named at an index of the arguments; without one truth itself. */
  private static boolean isMatch(Object value, List<Object> arguments, int index) {
    if (arguments.size() <= index) {
      return Values.isTrue(value);
    }
    String test = Values.text(arguments.get(index));
    return test(
        test.equals("==") ? "eq" : test, value, arguments.subList(index + 1, arguments.size()));
  }

  private static List<Object> filter(Object value, Predicate<Object> wanted) {
    if (!Values.isTrue(value)) { // As in Jinja, which takes None for an empty list here.
      return new ArrayList<>();
    }
    return Values.list(value).stream()
        .filter(wanted)
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
