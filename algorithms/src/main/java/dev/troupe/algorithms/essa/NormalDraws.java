package dev.troupe.algorithms.essa;

/**
 * Standard normal numbers that depend only on where they are used, so that any worker draws
 * candidate k of generation t without having drawn the others. A counter is scrambled by the
 * finaliser of SplitMix64 (Steele et al. 2014, "Fast splittable pseudorandom number generators")
 * and turned into normals by the method of Box and Muller (1958).
 */
public final class NormalDraws {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final double UNIT = 0x1p-53;

  private NormalDraws() {}

  /**
   * The draw of one candidate.
   *
   * @param seed seed of the run
   * @param generation number of the generation
   * @param candidate number of the candidate in its generation
   * @param length how many numbers, 0 or more
   * @return independent standard normal numbers, the same on every machine
   * @throws IllegalArgumentException if {@code length} is negative
   */
  public static double[] of(long seed, long generation, long candidate, int length) {
    if (length < 0) {
      throw new IllegalArgumentException("length is %d, expected 0 or more".formatted(length));
    }
    long key = scramble(scramble(scramble(seed) + generation) + candidate);
    double[] normals = new double[length];
    for (int i = 0; i < length; i += 2) {
      // 1 - u is in (0, 1], so that the logarithm is finite.
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(key, i)));
      double angle = 2 * StrictMath.PI * uniform(key, i + 1);
      normals[i] = radius * StrictMath.cos(angle);
      if (i + 1 < length) {
        normals[i + 1] = radius * StrictMath.sin(angle);
      }
    }
    return normals;
  }

  private static double uniform(long key, long counter) {
    return (scramble(key + counter) >>> 11) * UNIT;
  }

  private static long scramble(long value) {
    long z = (value + 1) * GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
