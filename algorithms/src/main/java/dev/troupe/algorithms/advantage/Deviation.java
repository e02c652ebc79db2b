package dev.troupe.algorithms.advantage;

/** Which variance of n numbers is meant. For two numbers the choices differ by a factor of two. */
public enum Deviation {
  /** Divides by n - 1; used by verl and TRL. The variance of a single number is taken as 0. */
  SAMPLE {
    @Override
    double variance(double squares, long count) {
      return count > 1 ? squares / (count - 1) : 0;
    }
  },

  /** Divides by n; used by OpenRLHF. */
  POPULATION {
    @Override
    double variance(double squares, long count) {
      return squares / count;
    }
  };

  /** The variance, from the sum of squared distances to the mean of {@code count >= 1} numbers. */
  abstract double variance(double squares, long count);
}
