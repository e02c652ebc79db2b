package dev.troupe.algorithms.ppomax;

import dev.troupe.algorithms.Require;

/**
 * What PPO-max does to the reward of a response before it is put on the last token (section "score
 * reparameterization"; MOSS-RLHF's {@code use_reward_scaling}, {@code use_reward_norm}, {@code
 * use_reward_clip}). Published choices are {@link #paper} and {@link #scripts}.
 *
 * @param scaling by which moments
 * @param clip bound on the result, in deviations; 0 for none
 * @param earlyClip bound on the result while few rewards have been seen, in deviations; 0 for none.
 *     An early deviation is an estimate from a handful of rewards and may be far too small
 * @param earlyCount number of rewards up to which it holds, 0 or more
 */
public record RewardTransform(Scaling scaling, double clip, double earlyClip, double earlyCount) {
  /** The class default of MOSS-RLHF for the clip. */
  public static final double CLIP = 10;

  /** Rewards from which the running deviation is trusted. */
  public static final double EARLY_COUNT = 100;

  /** By which of the running moments a reward is changed. */
  public enum Scaling {
    /** Not at all. */
    NONE {
      @Override
      double of(double reward, RunningMoments moments) {
        return reward;
      }
    },

    /** {@code R / std}: keeps the arbitrary offset of the reward model. */
    SCALE {
      @Override
      double of(double reward, RunningMoments moments) {
        return reward / moments.deviation();
      }
    },

    /** {@code (R - mean) / std}. */
    NORMALISE {
      @Override
      double of(double reward, RunningMoments moments) {
        return (reward - moments.mean()) / moments.deviation();
      }
    };

    abstract double of(double reward, RunningMoments moments);
  }

  /**
   * Changed rewards and the moments to keep for the next batch.
   *
   * @param rewards one for each reward given
   * @param moments the moments after the batch
   */
  public record Transformed(double[] rewards, RunningMoments moments) {}

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if one is missing or out of its range
   */
  public RewardTransform {
    if (scaling == null) {
      throw new IllegalArgumentException("scaling is missing, expected NONE, SCALE or NORMALISE");
    }
    Require.within("clip", clip, 0, Double.MAX_VALUE);
    Require.within("earlyClip", earlyClip, 0, Double.MAX_VALUE);
    Require.within("earlyCount", earlyCount, 0, Double.MAX_VALUE);
  }

  /**
   * PPO-max as the paper has it: normalise, then clip.
   *
   * @param clip the bound, in deviations, above 0
   * @return the transform
   */
  public static RewardTransform paper(double clip) {
    return new RewardTransform(Scaling.NORMALISE, clip, 0, 0);
  }

  /**
   * What the authors' shipped scripts do: scale, without centring; with a bound until enough
   * rewards have been seen, which is ours.
   *
   * @return the transform
   */
  public static RewardTransform scripts() {
    return new RewardTransform(Scaling.SCALE, 0, CLIP, EARLY_COUNT);
  }

  /**
   * No transform: plain PPO.
   *
   * @return the transform
   */
  public static RewardTransform none() {
    return new RewardTransform(Scaling.NONE, 0, 0, 0);
  }

  /**
   * Changes a batch of rewards. The batch is counted before it is changed.
   *
   * @param rewards reward of each response
   * @param moments the moments of all rewards before this batch
   * @return new rewards, and the moments including this batch
   * @throws IllegalArgumentException if a reward is not finite
   */
  public Transformed of(double[] rewards, RunningMoments moments) {
    RunningMoments now = moments.including(rewards);
    double bound = clip > 0 ? clip : Double.POSITIVE_INFINITY;
    if (earlyClip > 0 && now.count() <= earlyCount) {
      bound = Math.min(bound, earlyClip);
    }
    double[] changed = new double[rewards.length];
    for (int i = 0; i < changed.length; i++) {
      double reward = scaling.of(rewards[i], now);
      changed[i] = Math.max(-bound, Math.min(bound, reward));
    }
    return new Transformed(changed, now);
  }
}
