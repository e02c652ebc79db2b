package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Typed look-ups in a {@code config.json} that go on after a mistake, so that one exception lists
 * all of them. A null counts as absent, as it does in transformers.
 */
final class ConfigKeys {
  private final Object file;
  private final JsonNode root;
  private final String prefix;
  private final List<String> mistakes;

  ConfigKeys(Object file, JsonNode root) {
    this(file, root, "", new ArrayList<>());
  }

  private ConfigKeys(Object file, JsonNode root, String prefix, List<String> mistakes) {
    this.file = file;
    this.root = root;
    this.prefix = prefix;
    this.mistakes = mistakes;
  }

  /** The keys of an object within this one; what is wrong with them counts here. */
  ConfigKeys within(String key) {
    return new ConfigKeys(file, get(key), prefix + key + ".", mistakes);
  }

  /** Whether a key is there and null, which some families do not take for absent. */
  boolean isNull(String key) {
    return root.path(key).isNull();
  }

  boolean has(String key) {
    return !get(key).isMissingNode();
  }

  /** The value, or a missing node. */
  JsonNode get(String key) {
    JsonNode value = root.path(key);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  int integer(String key) {
    requirePresent(key, "an integer");
    return integer(key, 0);
  }

  int integer(String key, int absent) {
    JsonNode value = get(key);
    if (value.isMissingNode()) {
      return absent;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      wrong(key, value, "an integer");
    }
    return value.asInt();
  }

  double number(String key) {
    requirePresent(key, "a number");
    return number(key, 0);
  }

  double number(String key, double absent) {
    JsonNode value = get(key);
    if (value.isMissingNode()) {
      return absent;
    }
    if (!value.isNumber()) {
      wrong(key, value, "a number");
    }
    return value.asDouble();
  }

  boolean flag(String key, boolean absent) {
    JsonNode value = get(key);
    if (value.isMissingNode()) {
      return absent;
    }
    if (!value.isBoolean()) {
      wrong(key, value, "true or false");
    }
    return value.asBoolean();
  }

  /** One integer or an array of them; absent is none. */
  List<Integer> integers(String key) {
    JsonNode value = get(key);
    if (value.isMissingNode()) {
      return List.of();
    }
    Iterable<JsonNode> elements = value.isArray() ? value : List.of(value);
    var integers = new ArrayList<Integer>();
    for (JsonNode element : elements) {
      if (!element.isIntegralNumber() || !element.canConvertToInt()) {
        wrong(key, value, "an integer or an array of integers");
        return List.of();
      }
      integers.add(element.asInt());
    }
    return integers;
  }

  /** Refuses a key that is present with a value that would change what the decoder computes. */
  void supportOnly(String key, Predicate<JsonNode> supported, String allowed) {
    JsonNode value = get(key);
    if (!value.isMissingNode() && !supported.test(value)) {
      unsupported(key, value, allowed);
    }
  }

  void unsupported(String name, JsonNode value, String allowed) {
    mistakes.add(
        value.isMissingNode()
            ? prefix + name + " is missing, supported is only " + allowed
            : prefix + name + " = " + value + " is not supported, only " + allowed);
  }

  /** Whether nothing is wrong so far. */
  boolean areSound() {
    return mistakes.isEmpty();
  }

  /** Adds a mistake that the look-ups cannot see, in a clause that names the key. */
  void mistake(String clause) {
    mistakes.add(clause);
  }

  void throwIfAny() {
    if (!mistakes.isEmpty()) {
      throw new CheckpointException(file + ": " + String.join("; ", mistakes));
    }
  }

  private void requirePresent(String key, String kind) {
    if (!has(key)) {
      mistakes.add(prefix + key + " is missing, expected " + kind);
    }
  }

  /** What the look-up then returns is of no account, because the mistake will be thrown. */
  private void wrong(String key, JsonNode value, String kind) {
    mistakes.add(prefix + key + " = " + value + " is not " + kind);
  }
}
