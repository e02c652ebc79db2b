package dev.troupe.runtime.settings;

/** What the rows of a person's own data are for. */
public enum DataUse {
  /** Prompts to sample completions of, with an answer where there is one. */
  PROMPTS,
  /** Prompts with answers to learn. */
  DEMONSTRATIONS,
  /** Prompts with several completions, of which some are better. */
  PREFERENCES,
  /** Prompts with a completion and what it is worth in several respects. */
  LABELS;

  /** Whether the rows bring completions of their own, so that none are sampled. */
  public boolean hasCompletions() {
    return this == PREFERENCES || this == LABELS;
  }
}
