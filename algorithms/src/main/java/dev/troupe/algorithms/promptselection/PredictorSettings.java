package dev.troupe.algorithms.promptselection;

/**
 * The choices of a {@link SuccessPredictor}.
 *
 * @param hasInteractions whether products of query and prompt features enter. Without them the
 *     model is additive and orders the prompts alike for every query: the comparison that shows
 *     whether a choice for each query can pay at all
 * @param ridge strength of the pull of every weight to 0, in units of the mean log-loss of a trial,
 *     above 0
 */
public record PredictorSettings(boolean hasInteractions, double ridge) {
  /**
   * Checks the ridge.
   *
   * @throws IllegalArgumentException if it is not above 0; without it the weights of separable logs
   *     would be infinite
   */
  public PredictorSettings {
    if (!(ridge > 0 && ridge < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("ridge is " + ridge + ", expected a number above 0");
    }
  }
}
