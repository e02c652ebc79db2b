package dev.troupe.algorithms.tdpo;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Scalars;

/** Which of the two published losses, that is, what the margin of DPO is lowered by. */
public enum TdpoVariant {
  /**
   * {@code rejected - chosen} divergence (eq. 14 of the paper). It also rewards drifting away from
   * the reference on chosen responses.
   */
  TDPO1 {
    @Override
    NDArray penalty(NDArray chosenDivergenceP, NDArray rejectedDivergenceP, double alpha) {
      return rejectedDivergenceP.sub(chosenDivergenceP);
    }
  },

  /**
   * {@code alpha * (rejected - chosen)} divergence, where the chosen one carries no gradient (eq.
   * 17): the policy is held near the reference on rejected responses, and free on chosen ones.
   */
  TDPO2 {
    @Override
    NDArray penalty(NDArray chosenDivergenceP, NDArray rejectedDivergenceP, double alpha) {
      return Scalars.times(rejectedDivergenceP.sub(chosenDivergenceP.stopGradient()), alpha);
    }
  };

  abstract NDArray penalty(NDArray chosenDivergenceP, NDArray rejectedDivergenceP, double alpha);
}
