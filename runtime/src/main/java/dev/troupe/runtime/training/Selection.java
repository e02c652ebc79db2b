package dev.troupe.runtime.training;

/** Which positions of a sequence a decoder's outputs are wanted for. */
public enum Selection {
  /**
   * Every response token: its log-probability, the entropy of its distribution, and the score head
   * (a value head) in the state before it.
   */
  RESPONSE,
  /**
   * Every response token: the score head alone in the state before it (a critic). The vocabulary is
   * left out of the computation, so log-probabilities and entropies read 0 and carry no gradient.
   */
  VALUES,
  /** The last token of the sequence: the score head there (a reward head). */
  LAST
}
