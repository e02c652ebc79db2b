package dev.troupe.algorithms.pro;

/**
 * How strongly the candidates of a stage are told apart. The paper divides by temperatures {@code 1
 * / (r_k - r_j)}; here they are the factors {@code T_kj} that scores are multiplied by.
 */
public enum Temperature {
  /** All factors are 1: only the order of the candidates counts. */
  NONE {
    @Override
    boolean isDynamic(double spread) {
      return false;
    }
  },

  /**
   * {@code T_kj = r_k - r_j}, and the largest of them for candidate k itself (eq. 8 and 9). A
   * candidate nearly as good as the best of its stage is left alone, a much worse one pushed down.
   * The scale of the rewards sets the sharpness. A list of equal rewards has no ranking gradient.
   */
  REWARD_GAP {
    @Override
    boolean isDynamic(double spread) {
      return true;
    }
  },

  /** As {@link #REWARD_GAP}, but {@link #NONE} for a list whose rewards are all equal. */
  REWARD_GAP_UNLESS_EQUAL {
    @Override
    boolean isDynamic(double spread) {
      return spread > 0;
    }
  };

  /** Whether the factors are reward gaps in a list whose rewards spread this far. */
  abstract boolean isDynamic(double spread);
}
