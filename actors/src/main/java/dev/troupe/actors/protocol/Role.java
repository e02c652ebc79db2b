package dev.troupe.actors.protocol;

import java.util.Locale;

/** What a node can do for a run. */
public enum Role {
  /** Plans, grants and records; one at a time in a cluster. */
  SUPERVISOR,
  /** Decodes work units. */
  GENERATOR,
  /** Runs reward functions. */
  REWARD,
  /** Scores with frozen models. */
  REFERENCE,
  /** Trains, and keeps the groups. */
  LEARNER;

  /** As people write it: in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
