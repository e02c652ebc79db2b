package dev.troupe.runtime.training;

/** Which positions of a sequence a decoder's outputs are wanted for. */
public enum Selection {
  /**
   * Every response token: its log-probability, the entropy of its distribution, and the score head
   * (a value head) in the state before it.
   */
  RESPONSE,
  /** The last token of the sequence: the score head there (a reward head). */
  LAST
}
