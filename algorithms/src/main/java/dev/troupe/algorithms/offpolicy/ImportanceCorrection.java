package dev.troupe.algorithms.offpolicy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.aggregation.ValidTokens;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.policy.Correction;
import java.util.ArrayList;
import java.util.List;

/**
 * Truncated importance sampling (Yao et al. 2025) and its variants: each token's policy loss is
 * multiplied by a constant made of the ratio {@code exp(old - generator)} of the log-probability
 * that the learner recomputed with the weights before the update to the one that the generator
 * reported.
 *
 * <p>The probability ratio of the policy loss stays the one to the recomputed policy. Where it is
 * taken to the generator instead there is nothing left to correct, and a correction would count the
 * difference twice.
 *
 * @param level whose ratio it is
 * @param bound what happens to a ratio outside {@code [lower, upper]}
 * @param lower smallest ratio, 0 or more; 0 for no bound
 * @param upper largest ratio, at least {@code lower}, above 0; infinite for no bound
 */
public record ImportanceCorrection(Level level, Bound bound, double lower, double upper)
    implements Correction {

  /** Whose probabilities are compared. Log-ratios are clamped to +-20 before they are used. */
  public enum Level {
    /** Each token has its own ratio. Biased, with a variance that does not grow with the length. */
    TOKEN {
      @Override
      NDArray logRatio(NDArray driftBT, ValidTokens valid) {
        return driftBT;
      }
    },

    /** The ratio of the whole response, for each of its tokens: unbiased; TRL's sequence modes. */
    SEQUENCE_PRODUCT {
      @Override
      NDArray logRatio(NDArray driftBT, ValidTokens valid) {
        return driftBT.sum(new int[] {1}, true).broadcast(driftBT.getShape());
      }
    },

    /** The geometric mean of the ratios of a response, for each of its tokens; AReaL, OpenRLHF. */
    SEQUENCE_GEOMETRIC_MEAN {
      @Override
      NDArray logRatio(NDArray driftBT, ValidTokens valid) {
        return valid.rowMeans(driftBT).broadcast(driftBT.getShape());
      }
    };

    /** The log-ratio that applies to each token, (B, T), from those of the tokens, (B, T). */
    abstract NDArray logRatio(NDArray driftBT, ValidTokens valid);
  }

  /** What happens to a ratio that is out of bounds. */
  public enum Bound {
    /** It is set to the bound. */
    TRUNCATE {
      @Override
      NDArray apply(NDArray ratioBT, double lower, double upper) {
        return ratioBT.clip(lower, upper);
      }
    },

    /** It is set to 0, so that the token does not count ("IcePop"), except in the denominator. */
    MASK {
      @Override
      NDArray apply(NDArray ratioBT, double lower, double upper) {
        NDArray isWithinBT = ratioBT.gte(lower).logicalAnd(ratioBT.lte(upper));
        return NDArrays.where(isWithinBT, ratioBT, ratioBT.zerosLike());
      }
    };

    abstract NDArray apply(NDArray ratioBT, double lower, double upper);
  }

  /**
   * Checks the parts and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is missing or out of its range
   */
  public ImportanceCorrection {
    List<String> problems = new ArrayList<>();
    if (level == null) {
      problems.add("level is missing, expected one of " + List.of(Level.values()));
    }
    if (bound == null) {
      problems.add("bound is missing, expected one of " + List.of(Bound.values()));
    }
    if (!(lower >= 0 && lower < Double.POSITIVE_INFINITY)) {
      problems.add("lower is " + lower + ", expected 0 or more");
    }
    if (!(upper > 0 && upper >= lower)) {
      problems.add("upper is " + upper + ", expected a number above 0 and at least lower");
    }
    Require.none("importance correction", problems);
  }

  /**
   * Truncated importance sampling as published: token ratios up to a cap.
   *
   * @param cap the cap, above 0; 2 in verl
   * @return the correction
   */
  public static ImportanceCorrection truncated(double cap) {
    return new ImportanceCorrection(Level.TOKEN, Bound.TRUNCATE, 0, cap);
  }

  /**
   * Token ratios without a bound, as in the objective of decoupled PPO.
   *
   * @return the correction
   */
  public static ImportanceCorrection unbounded() {
    return truncated(Double.POSITIVE_INFINITY);
  }

  @Override
  public NDArray weights(NDArray oldLogpBT, NDArray generatorLogpBT, ValidTokens valid) {
    return valid.keep(
        "weights", bound.apply(ratios(oldLogpBT, generatorLogpBT, valid), lower, upper));
  }

  /**
   * The ratios before they are bounded.
   *
   * @param oldLogpBT as in {@link #weights}; junk where no token is, (B, T)
   * @param generatorLogpBT as in {@link #weights}; junk where no token is, (B, T)
   * @param valid where a token is
   * @return constants, (B, T); 1 in a response without a token
   * @throws IllegalArgumentException if shapes or types differ
   */
  public NDArray ratios(NDArray oldLogpBT, NDArray generatorLogpBT, ValidTokens valid) {
    Require.sameLayout("oldLogpBT", oldLogpBT, "generatorLogpBT", generatorLogpBT);
    NDArray oldBT = valid.keep("oldLogpBT", oldLogpBT.stopGradient());
    NDArray generatorBT = valid.keep("generatorLogpBT", generatorLogpBT.stopGradient());
    return clamp(level.logRatio(clamp(oldBT.sub(generatorBT)), valid)).exp();
  }

  private static NDArray clamp(NDArray logRatioBT) {
    return logRatioBT.clip(-KlEstimator.MAX_LOG_RATIO, KlEstimator.MAX_LOG_RATIO);
  }
}
