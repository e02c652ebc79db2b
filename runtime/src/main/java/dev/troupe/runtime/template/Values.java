package dev.troupe.runtime.template;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What templates compute with: String, Long, Double, Boolean, List, Map with text keys, null for
 * Python's None, functions, and names that are not defined. Everything behaves as in Python.
 */
final class Values {
  /** What a name without a value stands for: false, and nothing when it is written. */
  record Undefined(String name) {}

  /** A function or macro. */
  @FunctionalInterface
  interface Function {
    /**
     * @param positional arguments without a name
     * @param named arguments by name
     */
    Object call(List<Object> positional, Map<String, Object> named);
  }

  private Values() {}

  static boolean isTrue(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof Collection<?> list) {
      return !list.isEmpty();
    }
    return !(value instanceof Map<?, ?> map) || !map.isEmpty();
  }

  /** A value as it is written into the text. */
  static String text(Object value) {
    return value instanceof String text ? text : value instanceof Undefined ? "" : repr(value);
  }

  private static String repr(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean truth) {
      return truth ? "True" : "False";
    }
    if (value instanceof String text) {
      String quote = text.contains("'") && !text.contains("\"") ? "\"" : "'";
      String escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
      return quote + (quote.equals("'") ? escaped.replace("'", "\\'") : escaped) + quote;
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Values::repr).collect(Collectors.joining(", ", "[", "]"));
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> repr(entry.getKey()) + ": " + repr(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return value.toString();
  }

  /** As {@code json.dumps(value, ensure_ascii=False)}, with line breaks if there is an indent. */
  static String json(Object value, int indent, int depth) {
    String open = indent < 0 ? "" : "\n" + " ".repeat(indent * (depth + 1));
    String close = indent < 0 ? "" : "\n" + " ".repeat(indent * depth);
    String separator = indent < 0 ? ", " : "," + open;
    if (value instanceof Map<?, ?> map) {
      return map.isEmpty()
          ? "{}"
          : map.entrySet().stream()
              .map(
                  entry ->
                      quoted(entry.getKey().toString())
                          + ": "
                          + json(entry.getValue(), indent, depth + 1))
              .collect(Collectors.joining(separator, "{" + open, close + "}"));
    }
    if (value instanceof List<?> list) {
      return list.isEmpty()
          ? "[]"
          : list.stream()
              .map(element -> json(element, indent, depth + 1))
              .collect(Collectors.joining(separator, "[" + open, close + "]"));
    }
    return value instanceof String text ? quoted(text) : value == null ? "null" : value.toString();
  }

  private static String quoted(String text) {
    var json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        default -> json.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
      }
    }
    return json.append('"').toString();
  }

  static boolean areEqual(Object left, Object right) {
    if (left instanceof Number one && right instanceof Number other) {
      return one.doubleValue() == other.doubleValue();
    }
    if (left instanceof Undefined || right instanceof Undefined) {
      return left instanceof Undefined && right instanceof Undefined;
    }
    return Objects.equals(left, right);
  }

  static int compare(Object left, Object right) {
    if (left instanceof Number one && right instanceof Number other) {
      return Double.compare(one.doubleValue(), other.doubleValue());
    }
    if (left instanceof String one && right instanceof String other) {
      return one.compareTo(other);
    }
    throw new TemplateException(
        "The chat template compares %s with %s.".formatted(kind(left), kind(right)));
  }

  static boolean contains(Object container, Object element) {
    if (container instanceof String text) {
      return text.contains(text(element));
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(element);
    }
    return list(container).stream().anyMatch(it -> areEqual(it, element));
  }

  /** What a loop over a value goes through. */
  static List<Object> list(Object value) {
    if (value instanceof Collection<?> list) {
      return new ArrayList<>(list);
    }
    if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      return text.codePoints().mapToObj(c -> (Object) Character.toString(c)).toList();
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException("The chat template goes through " + kind(value) + ".");
  }

  static long length(Object value) {
    return list(value).size();
  }

  static int integer(Object value) {
    if (value instanceof Number number) {
      return number.intValue();
    }
    throw new TemplateException("The chat template takes " + kind(value) + " for a number.");
  }

  /** What a value is, for messages. */
  static String kind(Object value) {
    if (value instanceof Undefined undefined) {
      return "'" + undefined.name() + "', which is not defined";
    }
    return value == null
        ? "None"
        : value instanceof String
            ? "a text"
            : value instanceof Number
                ? "a number"
                : value instanceof Map<?, ?>
                    ? "a mapping"
                    : value instanceof List<?> ? "a list" : "a value of another kind";
  }
}
