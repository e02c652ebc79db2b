package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the key {@code kind} of a section can ask for, by name, and the defaults of each kind's
 * other keys. Immutable.
 *
 * @param <F> what is registered for a kind
 */
public final class Kinds<F> {
  private final Config defaults;
  private final Map<String, F> factories;

  private Kinds(Config defaults, Map<String, F> factories) {
    this.defaults = defaults;
    this.factories = factories;
  }

  /**
   * No kinds yet.
   *
   * @param defaults a section for each kind that has defaults
   */
  public static <F> Kinds<F> none(Config defaults) {
    return new Kinds<>(defaults, Map.of());
  }

  /**
   * These and one more kind.
   *
   * @throws IllegalArgumentException if there is a kind of this name already
   */
  public Kinds<F> with(String kind, F factory) {
    var more = new TreeMap<>(factories);
    if (more.putIfAbsent(kind, factory) != null) {
      throw new IllegalArgumentException("the kind " + kind + " is registered already");
    }
    return new Kinds<>(defaults, more);
  }

  /** The names of the kinds. */
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(factories.keySet()));
  }

  /** What is registered, by the names of the kinds. */
  SortedMap<String, F> entries() {
    return Collections.unmodifiableSortedMap(new TreeMap<>(factories));
  }

  /**
   * @return the section with the defaults of its kind; as it is when its kind is none of these
   */
  public Config complete(Config section) {
    ConfigValue kind = section.root().get("kind");
    String name = kind == null ? "" : String.valueOf(kind.unwrapped());
    return Overlay.of(section.root(), Overlay.section(defaults.root(), name)).toConfig();
  }

  /**
   * Reads the key {@code kind}. When that fails, the section's other keys have no meaning to check.
   *
   * @return what is registered for it; empty after a mistake, which the section has noted
   */
  public Optional<F> choose(Checked section) {
    F factory = factories.get(section.oneOf("kind", names()));
    if (factory == null) {
      section.ignoreRest();
    }
    return Optional.ofNullable(factory);
  }
}
