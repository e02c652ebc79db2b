package dev.troupe.runtime.transport;

import java.util.Optional;

/** What a stream carries. The code stands in every chunk and must never change its meaning. */
public enum Cargo {
  /** Weights of a policy, a reference, a soup or a reward model, whole. */
  WEIGHTS(1),
  /** The part of weights that adapters lie over and that no step changes. */
  BASE(2),
  /** Adapters alone. */
  ADAPTERS(3),
  /** What a version changes of another one. */
  DELTA(4),
  /** What the members of a {@link Circle} give each other: gradients, moments, new weights. */
  GRADIENT(5);

  private final int code;

  Cargo(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static Optional<Cargo> of(int code) {
    return code >= 1 && code <= values().length
        ? Optional.of(values()[code - 1])
        : Optional.empty();
  }
}
