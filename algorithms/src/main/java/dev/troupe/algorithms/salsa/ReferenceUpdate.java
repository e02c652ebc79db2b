package dev.troupe.algorithms.salsa;

import dev.troupe.algorithms.Require;

/**
 * How the reference of the KL penalty follows the policy during a run. SALSA itself makes one soup
 * before the run and keeps it, which is {@link #FIXED}; the updates <em>within</em> a run are
 * Troupe's extension and not part of the paper. The new reference is a {@link ModelSoup} of the
 * current reference and the policy with the {@link Shares} given here.
 */
public enum ReferenceUpdate {
  /** The reference never changes. */
  FIXED {
    @Override
    Shares of(long update, double decay) {
      return new Shares(1, 0);
    }
  },

  /**
   * The reference is the plain average of its first version and the policies at all updates so far:
   * after the n-th update each of the n + 1 members has the share 1 / (n + 1).
   */
  SOUP {
    @Override
    Shares of(long update, double decay) {
      double policy = 1.0 / (update + 1);
      return new Shares(1 - policy, policy);
    }
  },

  /** An exponential moving average: the reference keeps the share {@code decay} at each update. */
  EMA {
    @Override
    Shares of(long update, double decay) {
      return new Shares(decay, 1 - decay);
    }
  },

  /** The reference becomes the policy: the penalty starts from zero again. */
  COPY {
    @Override
    Shares of(long update, double decay) {
      return new Shares(0, 1);
    }
  };

  /**
   * Shares in the new reference; they sum to 1.
   *
   * @param reference share of the current reference
   * @param policy share of the policy
   */
  public record Shares(double reference, double policy) {}

  /**
   * The shares of an update.
   *
   * @param update which update of the run, counted from 1
   * @param decay the share that {@link #EMA} keeps, in [0, 1]; not read otherwise
   * @return shares of current reference and policy
   * @throws IllegalArgumentException if {@code update} is below 1, or {@link #EMA} is given a decay
   *     outside [0, 1]
   */
  public Shares shares(long update, double decay) {
    if (update < 1) {
      throw new IllegalArgumentException(
          "update is %d, expected 1 for the first update, 2 for the second, ...".formatted(update));
    }
    if (this == EMA) {
      Require.within("decay", decay, 0, 1);
    }
    return of(update, decay);
  }

  abstract Shares of(long update, double decay);
}
