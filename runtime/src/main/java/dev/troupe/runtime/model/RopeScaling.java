package dev.troupe.runtime.model;

/**
 * How rotary frequencies are stretched so that a decoder reads longer texts than it was first
 * trained on. Frequencies are in radians a position; a decoder of R rotated dimensions has R / 2.
 */
public sealed interface RopeScaling {

  /** Frequencies as they are: {@code theta^(-2 j / R)} (Su et al. 2021). */
  RopeScaling NONE = new None();

  /**
   * The frequencies of a decoder.
   *
   * @param theta base of the plain frequencies, above 1
   * @param rotated dimensions R of a head that turn; even
   * @param context longest text in tokens
   * @return R / 2 frequencies, highest first
   */
  double[] frequencies(double theta, int rotated, int context);

  /** What cosines and sines are multiplied by. */
  default double magnitude() {
    return 1;
  }

  /** The plain frequencies. */
  record None() implements RopeScaling {
    @Override
    public double[] frequencies(double theta, int rotated, int context) {
      return plain(theta, rotated);
    }
  }

  /**
   * Positions divided by a factor (Chen et al. 2023, "Extending Context Window of Large Language
   * Models via Positional Interpolation").
   *
   * @param factor 1 or more
   */
  record Linear(double factor) implements RopeScaling {
    /** Refuses a factor below 1. */
    public Linear {
      requireFactor(factor);
    }

    @Override
    public double[] frequencies(double theta, int rotated, int context) {
      double[] frequencies = plain(theta, rotated);
      for (int j = 0; j < frequencies.length; j++) {
        frequencies[j] /= factor;
      }
      return frequencies;
    }
  }

  /**
   * A base that grows with the text once it is longer than the context (NTK-aware scaling, dynamic:
   * Peng et al. 2023, appendix). A decoder here reads no text longer than its context, within which
   * the frequencies are the plain ones.
   *
   * @param factor 1 or more
   */
  record Dynamic(double factor) implements RopeScaling {
    /** Refuses a factor below 1. */
    public Dynamic {
      requireFactor(factor);
    }

    @Override
    public double[] frequencies(double theta, int rotated, int context) {
      return plain(theta, rotated);
    }
  }

  /**
   * The scaling of Llama 3.1 (Grattafiori et al. 2024): wave lengths below {@code original / high}
   * stay, those above {@code original / low} are stretched by the factor, those between are mixed.
   *
   * @param factor 1 or more
   * @param low the low-frequency factor
   * @param high the high-frequency factor, above {@code low}
   * @param original the context before scaling, tokens
   */
  record Llama3(double factor, double low, double high, int original) implements RopeScaling {
    /** Refuses a factor below 1, a context below 1 and bounds out of order. */
    public Llama3 {
      requireFactor(factor);
      if (!(low > 0 && high > low && original > 0)) {
        throw new IllegalArgumentException(
            "rope scaling llama3: low_freq_factor = %s, high_freq_factor = %s, original_max_position_embeddings = %d; wanted are 0 < low < high and a positive context"
                .formatted(low, high, original));
      }
    }

    @Override
    public double[] frequencies(double theta, int rotated, int context) {
      double[] frequencies = plain(theta, rotated);
      for (int j = 0; j < frequencies.length; j++) {
        double turns = original * frequencies[j] / (2 * Math.PI);
        double kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
        frequencies[j] *= kept + (1 - kept) / factor;
      }
      return frequencies;
    }
  }

  /**
   * YaRN (Peng et al. 2023): dimensions that turn more than {@code fast} times within the original
   * context stay, those that turn less than {@code slow} times are stretched by the factor, between
   * them a linear ramp over the dimensions.
   *
   * @param factor 1 or more
   * @param original the context before scaling, tokens
   * @param fast number of turns, in the paper beta, usually 32
   * @param slow number of turns, in the paper alpha, usually 1
   * @param magnitude of cosines and sines; the paper's is {@code 0.1 ln(factor) + 1}
   */
  record Yarn(double factor, int original, double fast, double slow, double magnitude)
      implements RopeScaling {
    /** Refuses a factor below 1, a context below 1, bounds out of order and no magnitude. */
    public Yarn {
      requireFactor(factor);
      if (!(slow > 0 && fast > slow && original > 0 && magnitude > 0)) {
        throw new IllegalArgumentException(
            "rope scaling yarn: beta_slow = %s, beta_fast = %s, original_max_position_embeddings = %d, attention_factor = %s; wanted are 0 < beta_slow < beta_fast and positive others"
                .formatted(slow, fast, original, magnitude));
      }
    }

    /** The magnitude that the paper recommends (its equation 22). */
    public static double usualMagnitude(double factor) {
      return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
    }

    @Override
    public double[] frequencies(double theta, int rotated, int context) {
      double[] frequencies = plain(theta, rotated);
      double first = Math.max(0, Math.floor(dimension(fast, theta, rotated)));
      double last = Math.min(rotated - 1, Math.ceil(dimension(slow, theta, rotated)));
      double width = last == first ? 0.001 : last - first;
      for (int j = 0; j < frequencies.length; j++) {
        double stretched = Math.min(1, Math.max(0, (j - first) / width));
        frequencies[j] *= 1 - stretched + stretched / factor;
      }
      return frequencies;
    }

    /** The pair of dimensions that turns so many times within the original context. */
    private double dimension(double turns, double theta, int rotated) {
      return rotated * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }
  }

  private static double[] plain(double theta, int rotated) {
    double[] frequencies = new double[rotated / 2];
    for (int j = 0; j < frequencies.length; j++) {
      frequencies[j] = Math.pow(theta, -2.0 * j / rotated);
    }
    return frequencies;
  }

  private static void requireFactor(double factor) {
    if (!(factor >= 1 && Double.isFinite(factor))) {
      throw new IllegalArgumentException(
          "rope scaling: factor = " + factor + " must be a finite number of at least 1");
    }
  }
}
