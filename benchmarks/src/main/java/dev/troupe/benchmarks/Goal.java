package dev.troupe.benchmarks;

/**
 * A figure that was wanted.
 *
 * @param name what it is
 * @param figure what was measured
 * @param wanted what was wanted
 * @param isAtMost whether smaller is better
 */
record Goal(String name, double figure, double wanted, boolean isAtMost) {
  static Goal atLeast(String name, double figure, double wanted) {
    return new Goal(name, figure, wanted, false);
  }

  static Goal atMost(String name, double figure, double wanted) {
    return new Goal(name, figure, wanted, true);
  }

  boolean isMet() {
    return isAtMost ? figure <= wanted : figure >= wanted;
  }
}
