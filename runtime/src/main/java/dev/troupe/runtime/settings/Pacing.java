package dev.troupe.runtime.settings;

/** Which policy version samples the completions of a step. */
public enum Pacing {
  /**
   * The version that the schedule names: the one {@code staleness} steps before the step. What is
   * sampled follows from the recipe and its seeds.
   */
  WINDOW,
  /**
   * Whichever is newest, also while a completion is under way: it goes on under the new weights
   * from its next token on. An episode of an environment, and what a remote server completes, is of
   * the version that was the newest when its work unit was begun. No token is older than {@code
   * staleness} steps. How many tokens a version samples depends on time, so a run cannot be
   * repeated to the bit.
   */
  NEWEST
}
