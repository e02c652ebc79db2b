package dev.troupe.runtime.template;

import dev.troupe.runtime.template.Values.Function;
import dev.troupe.runtime.template.Values.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What values have: entries, elements, slices and Python's methods of texts, mappings and lists.
 */
final class Members {
  private Members() {}

  /** {@code value.name}: an entry of a mapping, else a method. */
  static Object attribute(Object value, String name) {
    if (value instanceof Undefined || value == null) {
      throw new TemplateException(
          "The chat template asks %s for %s.".formatted(Values.kind(value), name));
    }
    if (value instanceof Map<?, ?> map) {
      if (map.containsKey(name)) {
        return map.get(name);
      }
      return ofMapping(map, name);
    }
    if (value instanceof List<?> list && name.equals("append")) {
      return (Function)
          (positional, named) -> {
            append(list, positional.get(0));
            return null;
          };
    }
    if (value instanceof String text && isTextMethod(name)) {
      return (Function) (positional, named) -> ofText(text, name, positional);
    }
    return new Undefined(name);
  }

  @SuppressWarnings("unchecked") // Lists within templates hold anything.
  private static void append(List<?> list, Object element) {
    ((List<Object>) list).add(element);
  }

  private static Object ofMapping(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" -> (Function) (positional, named) -> items(map);
      case "keys" -> (Function) (positional, named) -> new ArrayList<Object>(map.keySet());
      case "values" -> (Function) (positional, named) -> new ArrayList<Object>(map.values());
      case "get" ->
          (Function)
              (positional, named) ->
                  map.containsKey(positional.get(0))
                      ? map.get(positional.get(0))
                      : positional.size() > 1 ? positional.get(1) : null;
      default -> new Undefined(name);
    };
  }

  /** Pairs of key and value. */
  static List<Object> items(Map<?, ?> map) {
    var items = new ArrayList<Object>();
    map.forEach(
        (key, value) -> {
          var pair = new ArrayList<Object>();
          pair.add(key);
          pair.add(value);
          items.add(pair);
        });
    return items;
  }

  /** {@code value[key]}. */
  static Object element(Object value, Object key) {
    if (value instanceof Undefined || value == null) {
      throw new TemplateException(
          "The chat template asks %s for %s.".formatted(Values.kind(value), Values.text(key)));
    }
    if (value instanceof Map<?, ?> map) {
      return map.containsKey(key) ? map.get(key) : attributeOrNothing(map, key);
    }
    if (key instanceof String name) {
      return attribute(value, name);
    }
    List<Object> list = Values.list(value);
    int index = Values.integer(key);
    int place = index < 0 ? index + list.size() : index;
    return place >= 0 && place < list.size() ? list.get(place) : new Undefined("[" + index + "]");
  }

  private static Object attributeOrNothing(Map<?, ?> map, Object key) {
    return key instanceof String name ? ofMapping(map, name) : new Undefined(Values.text(key));
  }

  /** {@code value[from:to:step]}; null leaves a part open. */
  static Object slice(Object value, Object from, Object to, Object step) {
    List<Object> list = Values.list(value);
    int stride = step == null ? 1 : Values.integer(step);
    if (stride == 0) {
      throw new TemplateException("The chat template has a slice whose step is 0.");
    }
    int size = list.size();
    int start = from == null ? (stride > 0 ? 0 : size - 1) : place(from, size, stride);
    int end = to == null ? (stride > 0 ? size : -1) : place(to, size, stride);
    var chosen = new ArrayList<Object>();
    for (int i = start; stride > 0 ? i < end : i > end; i += stride) {
      chosen.add(list.get(i));
    }
    return value instanceof String
        ? chosen.stream().map(Object::toString).collect(Collectors.joining())
        : chosen;
  }

  private static int place(Object index, int size, int stride) {
    int place = Values.integer(index);
    place += place < 0 ? size : 0;
    return Math.max(stride > 0 ? 0 : -1, Math.min(place, stride > 0 ? size : size - 1));
  }

  private static boolean isTextMethod(String name) {
    return List.of(
            "strip",
            "lstrip",
            "rstrip",
            "split",
            "startswith",
            "endswith",
            "replace",
            "upper",
            "lower",
            "title",
            "capitalize",
            "find",
            "join",
            "removeprefix",
            "removesuffix",
            "splitlines",
            "count")
        .contains(name);
  }

  private static Object ofText(String text, String name, List<Object> arguments) {
    String first =
        arguments.isEmpty() || arguments.get(0) == null ? null : Values.text(arguments.get(0));
    return switch (name) {
      case "strip" -> strip(text, first, true, true);
      case "lstrip" -> strip(text, first, true, false);
      case "rstrip" -> strip(text, first, false, true);
      case "split" ->
          split(text, first, arguments.size() > 1 ? Values.integer(arguments.get(1)) : -1);
      case "startswith" -> affixes(arguments).stream().anyMatch(text::startsWith);
      case "endswith" -> affixes(arguments).stream().anyMatch(text::endsWith);
      case "replace" -> text.replace(first, Values.text(arguments.get(1)));
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "title" -> title(text);
      case "capitalize" -> capitalize(text);
      case "find" -> (long) text.indexOf(first);
      case "count" -> (long) split(text, first, -1).size() - 1;
      case "join" ->
          Values.list(arguments.get(0)).stream()
              .map(Values::text)
              .collect(Collectors.joining(text));
      case "removeprefix" -> text.startsWith(first) ? text.substring(first.length()) : text;
      case "removesuffix" ->
          text.endsWith(first) ? text.substring(0, text.length() - first.length()) : text;
      default -> new ArrayList<Object>(text.lines().toList());
    };
  }

  private static List<String> affixes(List<Object> arguments) {
    return arguments.get(0) instanceof List<?> several
        ? several.stream().map(Values::text).toList()
        : List.of(Values.text(arguments.get(0)));
  }

  /**
   * @param characters which to take away; null for white space
   */
  static String strip(String text, String characters, boolean left, boolean right) {
    int from = 0;
    int to = text.length();
    while (left && from < to && isStripped(text.charAt(from), characters)) {
      from++;
    }
    while (right && to > from && isStripped(text.charAt(to - 1), characters)) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isStripped(char c, String characters) {
    return characters == null
        ? Character.isWhitespace(c) || Character.isSpaceChar(c)
        : characters.indexOf(c) >= 0;
  }

  private static List<Object> split(String text, String separator, int most) {
    if (separator == null) {
      String stripped = strip(text, null, true, true);
      return stripped.isEmpty()
          ? new ArrayList<>()
          : new ArrayList<>(List.of(stripped.split("\\s+", most < 0 ? 0 : most + 1)));
    }
    return new ArrayList<>(List.of(text.split(Pattern.quote(separator), most < 0 ? -1 : most + 1)));
  }

  static String capitalize(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT)
            + text.substring(1).toLowerCase(Locale.ROOT);
  }

  static String title(String text) {
    var titled = new StringBuilder();
    boolean isStart = true;
    for (char c : text.toCharArray()) {
      titled.append(isStart ? Character.toUpperCase(c) : Character.toLowerCase(c));
      isStart = !Character.isLetter(c);
    }
    return titled.toString();
  }
}
