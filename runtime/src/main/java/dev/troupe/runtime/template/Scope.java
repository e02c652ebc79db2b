package dev.troupe.runtime.template;

import java.util.HashMap;
import java.util.Map;

/** The names that are known at a place of a template. What a loop sets is gone after it. */
final class Scope {
  private final Scope outer;
  private final Map<String, Object> values = new HashMap<>();

  Scope(Scope outer) {
    this.outer = outer;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.values.containsKey(name)) {
        return scope.values.get(name);
      }
    }
    return new Values.Undefined(name);
  }

  void set(String name, Object value) {
    values.put(name, value);
  }
}
