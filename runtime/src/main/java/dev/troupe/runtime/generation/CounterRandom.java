package dev.troupe.runtime.generation;

/**
 * Random numbers by counter: a uniform number is a function of (seed, ticket, sample, position), so
 * a completion does not depend on what is decoded beside it, when, or where.
 *
 * <p>Each coordinate is absorbed with the finaliser of SplitMix64 (Steele, Lea, Flood 2014), a
 * bijection of 64 bits with full avalanche.
 */
public final class CounterRandom {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final int MANTISSA = 23;

  private CounterRandom() {}

  /** The state from which the numbers of one completion are drawn. */
  public static long stream(long seed, long ticket, int sample) {
    return mix(mix(mix(seed) + ticket) + sample);
  }

  /**
   * A number in the open interval (0, 1), one of 2^23 equally likely values, each exact in float32.
   *
   * @param stream from {@link #stream}
   * @param position index of the token in the completion
   */
  public static float uniform(long stream, int position) {
    long bits = mix(stream + position) >>> (Long.SIZE - MANTISSA);
    return (bits + 0.5f) / (1 << MANTISSA);
  }

  /** SplitMix64's step and finaliser. */
  public static long mix(long value) {
    long z = value + GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
