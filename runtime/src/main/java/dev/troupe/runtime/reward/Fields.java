package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import java.util.Optional;

/** What a reward wants to know of an example. */
final class Fields {
  private Fields() {}

  /**
   * The value of a field.
   *
   * @throws IllegalStateException if the example has no such field
   */
  static String require(Example example, String field) {
    String value = example.fields().get(field);
    if (value == null) {
      throw new IllegalStateException(
          "example %s has no field %s, only %s"
              .formatted(example.id(), field, example.fields().keySet()));
    }
    return value;
  }

  /**
   * What is right: the value of a field, or the answer of the example where no field is named.
   *
   * @throws IllegalStateException if there is none
   */
  static String wanted(Example example, Optional<String> field) {
    return field.map(name -> require(example, name)).orElseGet(example::requireAnswer);
  }
}
