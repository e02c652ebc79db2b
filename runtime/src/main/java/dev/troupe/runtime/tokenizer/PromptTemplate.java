package dev.troupe.runtime.tokenizer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A plain text with named fields, such as <code>"Question: {question}\nAnswer:"</code>. A literal
 * brace is written twice. A field's value is inserted as it is: braces in it have no meaning.
 */
public final class PromptTemplate {
  private final String source;

  /** Literal texts at even indices, field names at odd ones. */
  private final List<String> parts;

  private final Set<String> fields;

  private PromptTemplate(String source, List<String> parts) {
    this.source = source;
    this.parts = List.copyOf(parts);
    var names = new LinkedHashSet<String>();
    for (int i = 1; i < parts.size(); i += 2) {
      names.add(parts.get(i));
    }
    this.fields = Collections.unmodifiableSet(names);
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException if a brace is not closed, not opened, or holds no name
   */
  public static PromptTemplate parse(String source) {
    var parts = new ArrayList<String>();
    var literal = new StringBuilder();
    for (int i = 0; i < source.length(); i++) {
      char c = source.charAt(i);
      boolean doubled = i + 1 < source.length() && source.charAt(i + 1) == c;
      if (c != '{' && c != '}') {
        literal.append(c);
      } else if (doubled) {
        literal.append(c);
        i++;
      } else if (c == '}') {
        throw malformed(source, i, "a '}' that closes nothing (write '}}' for a literal brace)");
      } else {
        int end = source.indexOf('}', i);
        if (end < 0) {
          throw malformed(source, i, "a '{' that is not closed (write '{{' for a literal brace)");
        }
        parts.add(literal.toString());
        parts.add(fieldName(source, i, end));
        literal.setLength(0);
        i = end;
      }
    }
    parts.add(literal.toString());
    return new PromptTemplate(source, parts);
  }

  private static String fieldName(String source, int open, int close) {
    String name = source.substring(open + 1, close);
    if (!name.matches("[\\p{L}\\p{N}_.-]+")) {
      throw malformed(
          source,
          open,
          "'{" + name + "}', which is no field name (letters, digits, '_', '.', '-')");
    }
    return name;
  }

  private static IllegalArgumentException malformed(String source, int position, String fault) {
    return new IllegalArgumentException(
        "The template \"%s\" has at position %d %s.".formatted(source, position, fault));
  }

  /** The names of the fields, in order of first use. */
  public Set<String> fields() {
    return fields;
  }

  /**
   * Checks that all fields are among the known ones, before any example is rendered.
   *
   * @throws IllegalArgumentException naming every unknown field and listing the known ones
   */
  public void requireFields(Set<String> known) {
    List<String> unknown = fields.stream().filter(field -> !known.contains(field)).toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "The template uses %s {%s}; known are: %s."
              .formatted(
                  unknown.size() == 1 ? "an unknown field" : "unknown fields",
                  String.join("}, {", unknown),
                  known.isEmpty() ? "none" : String.join(", ", new TreeSet<>(known))));
    }
  }

  /**
   * The text with every field replaced by its value.
   *
   * @throws IllegalArgumentException naming every field without a value and listing the known ones
   */
  public String render(Map<String, String> values) {
    requireFields(values.keySet());
    var text = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      text.append(i % 2 == 0 ? parts.get(i) : values.get(parts.get(i)));
    }
    return text.toString();
  }

  /** The template as it was written. */
  @Override
  public String toString() {
    return source;
  }

  /** Templates of the same text write the same prompts. */
  @Override
  public boolean equals(Object other) {
    return other instanceof PromptTemplate template && template.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }
}
