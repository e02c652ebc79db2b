package dev.troupe.algorithms.promptselection;

import dev.troupe.algorithms.Require;

/**
 * One logged answer of the language model. Such logs are a by-product of benchmarking.
 *
 * @param query id of the query; the same question has the same id in every trial
 * @param queryFeatures what is known of the query before it is answered, for example an embedding
 * @param promptFeatures the same of the prompt; an indicator for each prompt, if all are known
 * @param isSuccess whether the answer was right
 */
public record Trial(
    String query, double[] queryFeatures, double[] promptFeatures, boolean isSuccess) {
  /**
   * Copies the features.
   *
   * @throws IllegalArgumentException if a feature is not finite
   */
  public Trial {
    Require.finite("queryFeatures of " + query, queryFeatures);
    Require.finite("promptFeatures of " + query, promptFeatures);
    queryFeatures = queryFeatures.clone();
    promptFeatures = promptFeatures.clone();
  }
}
