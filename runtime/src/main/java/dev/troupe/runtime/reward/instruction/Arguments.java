package dev.troupe.runtime.reward.instruction;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** The arguments of an instruction, by the names that IFEval gives them. */
record Arguments(String instruction, JsonNode values) {

  /** A whole number that is not negative. */
  int number(String name) {
    JsonNode value = values.path(name);
    if (!value.isNumber()
        || value.doubleValue() < 0
        || value.doubleValue() > Integer.MAX_VALUE
        || value.doubleValue() != Math.rint(value.doubleValue())) {
      throw refusal(name, "a whole number");
    }
    return value.intValue();
  }

  /** A text that is not empty. */
  String text(String name) {
    JsonNode value = values.path(name);
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw refusal(name, "a text");
    }
    return value.textValue();
  }

  /** A list of texts, at least one. */
  List<String> texts(String name) {
    JsonNode value = values.path(name);
    var texts = new ArrayList<String>();
    for (JsonNode text : value) {
      if (!text.isTextual() || text.textValue().isEmpty()) {
        throw refusal(name, "a list of texts");
      }
      texts.add(text.textValue());
    }
    if (!value.isArray() || texts.isEmpty()) {
      throw refusal(name, "a list of texts");
    }
    return texts;
  }

  /** How a count compares with a number: {@code at least} or {@code less than} it. */
  IntPredicate count(String number, String relation) {
    int bound = number(number);
    String wanted = text(relation).toLowerCase(Locale.ROOT);
    return switch (wanted) {
      case "at least" -> count -> count >= bound;
      case "less than" -> count -> count < bound;
      default -> throw refusal(relation, "\"at least\" or \"less than\"");
    };
  }

  private IllegalArgumentException refusal(String name, String wanted) {
    return new IllegalArgumentException(
        "%s needs %s = %s, and has %s"
            .formatted(
                instruction,
                name,
                wanted,
                values.has(name) ? values.get(name) : "no such argument"));
  }
}
