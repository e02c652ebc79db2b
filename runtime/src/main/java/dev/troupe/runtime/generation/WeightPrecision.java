package dev.troupe.runtime.generation;

/**
 * How exactly the matrices of the blocks are taken up for generation; embedding, head, norms,
 * biases and low-rank adapters keep the compute type.
 *
 * <p>The integers decide the values, not the memory: the engine multiplies with what they stand
 * for, rounded to the compute type. libtorch's own products with packed integers are slower on a
 * CPU for more than a few rows (benchmarks/LOG.md).
 */
public enum WeightPrecision {
  /** As they are, with adapters merged in. */
  FULL(0),
  /**
   * Codes of -127 to 127 by absmax of each row, {@code scale = max|W| / 127}, rounded half to even
   * (ESSA, arXiv 2507.04453).
   */
  INT8(127),
  /**
   * Codes of -7 to 7 by absmax of each group of 32 columns of a row, {@code scale = max|W| / 7}.
   */
  INT4(7);

  private final int limit;

  WeightPrecision(int limit) {
    this.limit = limit;
  }

  /** The largest code, 0 for none. */
  int limit() {
    return limit;
  }
}
