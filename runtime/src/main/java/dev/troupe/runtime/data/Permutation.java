package dev.troupe.runtime.data;

/**
 * A pseudo-random permutation of 0 … size - 1 that is computed, not stored: a balanced Feistel
 * network (Luby and Rackoff 1988) on the next even number of bits, walked along its cycle until the
 * value falls inside (Black and Rogaway 2002, section 5). Not a cipher: it mixes, it hides nothing.
 */
final class Permutation {
  /** The largest size; keeps every intermediate value positive. */
  static final long MAX_SIZE = 1L << 62;

  private static final int ROUNDS = 6;

  /** Small domains walk inside 2^8 values, because a network of a few bits mixes badly. */
  private static final int MIN_HALF_BITS = 4;

  private final long size;
  private final int halfBits;
  private final long halfMask;
  private final long[] roundKeys = new long[ROUNDS];

  /**
   * @param size how many values are permuted, 1 to {@link #MAX_SIZE}
   * @param key which permutation; equal keys give equal permutations
   */
  Permutation(long size, long key) {
    if (size < 1 || size > MAX_SIZE) {
      throw new IllegalArgumentException("size = " + size + " is outside [1, 2^62]");
    }
    this.size = size;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    this.halfBits = Math.max(MIN_HALF_BITS, (bits + 1) / 2);
    this.halfMask = (1L << halfBits) - 1;
    for (int round = 0; round < ROUNDS; round++) {
      roundKeys[round] = mix(key, round);
    }
  }

  /** The value at an index of 0 … size - 1. */
  long at(long index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("index = " + index + " is outside [0, " + size + ")");
    }
    long value = index;
    do {
      value = network(value);
    } while (value >= size);
    return value;
  }

  private long network(long value) {
    long left = value >>> halfBits;
    long right = value & halfMask;
    for (long key : roundKeys) {
      long mixed = left ^ mix(key, right) & halfMask;
      left = right;
      right = mixed;
    }
    return left << halfBits | right;
  }

  /** Two numbers to one, by the output function of SplitMix64 (Steele, Lea and Flood 2014). */
  static long mix(long a, long b) {
    return finish(finish(a + 0x9E3779B97F4A7C15L) + b * 0x9E3779B97F4A7C15L);
  }

  private static long finish(long z) {
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
