package dev.troupe.algorithms.calibration;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.preference.PlackettLuce;
import dev.troupe.algorithms.reward.BradleyTerryLoss;

/** Which of the rewards of a preference pair with stated confidences are compared. */
public enum CalibratedObjective {
  /**
   * High against low confidence of the chosen response, and low against high of the rejected one:
   * PPO-M (section 3.2 of the paper). Nothing compares chosen with rejected.
   */
  PAIRS {
    @Override
    NDArray loss(ConfidenceRewards rewards, long totalPairs) {
      return pair(rewards.chosenHighP(), rewards.chosenLowP(), totalPairs)
          .add(pair(rewards.rejectedLowP(), rewards.rejectedHighP(), totalPairs));
    }
  },

  /** {@link #PAIRS} and the ordinary pair, both responses without a stated confidence. */
  COMBINED {
    @Override
    NDArray loss(ConfidenceRewards rewards, long totalPairs) {
      return PAIRS
          .loss(rewards, totalPairs)
          .add(pair(rewards.chosenP(), rewards.rejectedP(), totalPairs));
    }

    @Override
    boolean needsPlainPair() {
      return true;
    }
  },

  /** The ranking chosen-high, chosen-low, rejected-low, rejected-high by {@link PlackettLuce}. */
  K_WISE {
    @Override
    NDArray loss(ConfidenceRewards rewards, long totalPairs) {
      NDArray rewardPK =
          NDArrays.stack(
              new NDList(
                  rewards.chosenHighP(),
                  rewards.chosenLowP(),
                  rewards.rejectedLowP(),
                  rewards.rejectedHighP()),
              1);
      return Scalars.times(PlackettLuce.negativeLogLikelihood(rewardPK).sum(), 1.0 / totalPairs);
    }
  };

  abstract NDArray loss(ConfidenceRewards rewards, long totalPairs);

  /** Whether the rewards without a stated confidence are read. */
  boolean needsPlainPair() {
    return false;
  }

  private static NDArray pair(NDArray betterP, NDArray worseP, long totalPairs) {
    return BradleyTerryLoss.loss(betterP, worseP, null, 0, totalPairs);
  }
}
