package dev.troupe.runtime.data;

import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes examples by filling templates with the fields of a line.
 *
 * @param prompt the prompt, such as {@code Question: {question}}
 * @param answer the answer, such as {@code {answer}}; empty if the examples have none
 * @param idField the field that names an example; empty to name it after file and line
 */
public record FieldMapping(
    PromptTemplate prompt, Optional<PromptTemplate> answer, Optional<String> idField)
    implements JsonLines.LineMapping {

  /** Checks that nothing is null. */
  public FieldMapping {
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(answer, "answer");
    Objects.requireNonNull(idField, "idField");
  }

  @Override
  public Example toExample(String id, Map<String, String> fields) {
    String name = idField.map(field -> require(fields, field)).orElse(id);
    String text = prompt.render(fields);
    return new Example(
        name, text, answer.map(template -> template.render(fields)).orElse(null), fields);
  }

  /** The value of a field of the line, or an error that names it and lists those there are. */
  static String require(Map<String, String> fields, String field) {
    String value = fields.get(field);
    if (value == null) {
      throw new IllegalArgumentException(
          "the field \"%s\" is missing; there are: %s"
              .formatted(field, String.join(", ", fields.keySet())));
    }
    return value;
  }
}
