package dev.troupe.runtime.settings;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One section of a configuration, which of its keys have a meaning, and what is wrong with it. */
abstract class Section {
  final ConfigObject content;
  private final String path;
  private final ConfigOrigin place;
  private final Problems problems;
  private final Section parent;
  private final List<Section> children = new ArrayList<>();
  private final Set<String> known = new LinkedHashSet<>();
  private final Set<String> unsound = new HashSet<>();
  private boolean open;

  /** A section whose problems are gathered by themselves. */
  Section(ConfigObject content, String path) {
    this.content = content;
    this.path = path;
    this.place = content.origin();
    this.problems = new Problems();
    this.parent = null;
  }

  /** A section of another, whose problems are gathered with the other's. */
  Section(ConfigObject content, String path, Section parent) {
    this.content = content;
    this.path = path;
    // What the user did not write is missed in the section that the user did write.
    this.place = Place.isReference(content.origin()) ? parent.place : content.origin();
    this.problems = parent.problems;
    this.parent = parent;
    parent.children.add(this);
  }

  /**
   * @return whether the key is set to something other than null; it now counts as known
   */
  public boolean has(String key) {
    known.add(key);
    return isPresent(key);
  }

  /**
   * @return whether all these keys are set and none has a mistake; ask before checking a rule that
   *     joins them
   */
  public boolean isSound(String... keys) {
    return Arrays.stream(keys).allMatch(key -> isPresent(key) && !unsound.contains(key));
  }

  /**
   * Notes {@code key = value fault (file: line)} of a key that is set.
   *
   * @param fault what is wrong and what is allowed, such as {@code is not a prime number}
   */
  public void refuse(String key, String fault) {
    refuse(key, fault, "");
  }

  /**
   * Notes {@code key = value fault (file: line); advice} of a key that is set.
   *
   * @param fault what is wrong, such as {@code names no stage}
   * @param advice what to do; may be empty
   */
  public void refuse(String key, String fault, String advice) {
    ConfigValue value = content.get(key);
    unsound.add(key);
    problems.add(
        value,
        full(key),
        " = " + Values.shown(value) + " " + fault + " (" + Place.of(value) + ")" + then(advice));
  }

  /**
   * Notes {@code key = value (file: line) relation; advice}: a key that is set does not go with
   * another.
   *
   * @param relation what is wrong, which should {@link #quote} the other key
   * @param advice what to do; may be empty
   */
  public void clash(String key, String relation, String advice) {
    ConfigValue value = content.get(key);
    unsound.add(key);
    problems.add(value, full(key), valueAndPlace(value) + " " + relation + then(advice));
  }

  /** Notes that {@code key}, if it is set, does nothing because of the value of {@code other}. */
  public void refuseBeside(String key, String other) {
    if (has(key)) {
      clash(key, "has no effect when " + quote(other), "remove it");
    }
  }

  /** Notes that {@code key}, if it is set, does nothing because the section has data of its own. */
  void refuseBesideData(String key) {
    if (has(key)) {
      refuse(key, "has no effect beside data, which brings the completions", "remove it");
    }
  }

  /**
   * @return {@code key = value (file: line)} of a key that is set, to name the other half of a rule
   */
  public String quote(String key) {
    return full(key) + valueAndPlace(content.get(key));
  }

  /** Accepts the keys that were not asked for: the section cannot be understood well enough. */
  public void ignoreRest() {
    open = true;
  }

  /**
   * Ends the reading.
   *
   * @throws SettingsException if anything was wrong in this section or in those read through it
   */
  public void throwIfAny() {
    refuseUnknown();
    problems.throwIfAny();
  }

  /** Notes that a key is not set. */
  void miss(String key, String allowed) {
    unsound.add(key);
    problems.add(place, full(key), " is missing (" + Place.of(place) + "); set it to " + allowed);
  }

  /** Full key of this section, for messages; empty for the root. */
  String path() {
    return path;
  }

  /** The section that this one and all beside it are parts of. */
  Section root() {
    return parent == null ? this : parent.root();
  }

  /** The key with the path of the section. */
  String full(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** The text of a key that is set, without any check. */
  String peek(String key) {
    return String.valueOf(content.get(key).unwrapped());
  }

  private boolean isPresent(String key) {
    ConfigValue value = content.get(key);
    return value != null && value.valueType() != ConfigValueType.NULL;
  }

  private static String valueAndPlace(ConfigValue value) {
    return " = " + Values.shown(value) + " (" + Place.of(value) + ")";
  }

  private static String then(String advice) {
    return advice.isEmpty() ? "" : "; " + advice;
  }

  private void refuseUnknown() {
    for (String key : content.keySet()) {
      if (!open && !known.contains(key)) {
        ConfigValue value = content.get(key);
        String fault = " is not a known key (" + Place.of(value) + "); ";
        String advice =
            Spelling.nearest(key, known)
                .or(() -> elsewhere(key))
                .map(Spelling::question)
                .orElseGet(() -> "known here: " + String.join(", ", known));
        problems.add(value, full(key), fault + advice);
      }
    }
    children.forEach(Section::refuseUnknown);
  }

  /** The same key one section deeper or higher, with its path. */
  private Optional<String> elsewhere(String key) {
    List<Section> neighbours = new ArrayList<>(children);
    Optional.ofNullable(parent).ifPresent(neighbours::add);
    return neighbours.stream()
        .flatMap(
            neighbour ->
                neighbour.known.stream()
                    .filter(candidate -> Spelling.same(key, candidate))
                    .map(neighbour::full))
        .findFirst();
  }
}
