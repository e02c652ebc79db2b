package dev.troupe.algorithms.promptselection;

import dev.troupe.algorithms.Require;
import java.util.Arrays;
import java.util.List;

/**
 * The probability that a prompt makes the language model answer a query rightly, learned from logs
 * alone: a logistic regression on the features of the query x, those of the prompt z, and their
 * products,
 *
 * <pre>P(success) = sigmoid( w . (1, x, z, x_1 z_1, x_1 z_2, ..., x_d z_m) )</pre>
 *
 * It is the offline reward model of Prompt-OIRL (Sun et al. 2024), which uses boosted trees on
 * embeddings; a regression has one optimum, needs no seed, and says by its weights what it learned.
 */
public final class SuccessPredictor {
  private final int queryFeatures;
  private final int promptFeatures;
  private final boolean hasInteractions;
  private final Standardisation standardisation;
  private final double[] weights;

  private SuccessPredictor(
      Trial first, boolean hasInteractions, Standardisation standardisation, double[] weights) {
    this.queryFeatures = first.queryFeatures().length;
    this.promptFeatures = first.promptFeatures().length;
    this.hasInteractions = hasInteractions;
    this.standardisation = standardisation;
    this.weights = weights;
  }

  /**
   * Minimises the mean log-loss of the trials plus {@code ridge / 2 * |w|^2} by Newton's method,
   * after bringing every feature to mean 0 and deviation 1. The objective is strictly convex, so
   * the result does not depend on a starting point.
   *
   * @param trials the logs to learn from
   * @param settings interactions and ridge
   * @return the predictor
   * @throws IllegalArgumentException if there is no trial, or their features differ in number
   */
  public static SuccessPredictor fit(List<Trial> trials, PredictorSettings settings) {
    if (trials.isEmpty()) {
      throw new IllegalArgumentException("trials is empty, expected at least 1");
    }
    Trial first = trials.get(0);
    double[][] rows = new double[trials.size()][];
    double[] outcomes = new double[trials.size()];
    for (int i = 0; i < rows.length; i++) {
      Trial trial = trials.get(i);
      Require.sameLength(
          "queryFeatures of trial 0",
          first.queryFeatures().length,
          "queryFeatures of trial " + i,
          trial.queryFeatures().length);
      Require.sameLength(
          "promptFeatures of trial 0",
          first.promptFeatures().length,
          "promptFeatures of trial " + i,
          trial.promptFeatures().length);
      rows[i] = expand(trial.queryFeatures(), trial.promptFeatures(), settings.hasInteractions());
      outcomes[i] = trial.isSuccess() ? 1 : 0;
    }
    Standardisation standardisation = Standardisation.of(rows);
    for (double[] row : rows) {
      standardisation.apply(row);
    }
    double[] weights = new LogisticRegression(rows, outcomes, settings.ridge()).fit();
    return new SuccessPredictor(first, settings.hasInteractions(), standardisation, weights);
  }

  /**
   * The predicted probability of success.
   *
   * @param query features of a query
   * @param prompt features of a prompt, which need not be one of the logs
   * @return probability, in (0, 1) up to rounding
   * @throws IllegalArgumentException if the features are not as many as in the logs, or not finite
   */
  public double predict(double[] query, double[] prompt) {
    Require.sameLength("queryFeatures of the logs", queryFeatures, "query", query.length);
    Require.sameLength("promptFeatures of the logs", promptFeatures, "prompt", prompt.length);
    Require.finite("query", query);
    Require.finite("prompt", prompt);
    double[] row = expand(query, prompt, hasInteractions);
    standardisation.apply(row);
    return LogisticRegression.probability(weights, row);
  }

  /**
   * The predictions from which {@link PromptSelection#choose} takes the best.
   *
   * @param queries features of Q queries
   * @param prompts features of P prompts
   * @return probabilities, (Q, P)
   * @throws IllegalArgumentException as {@link #predict}
   */
  public double[][] table(double[][] queries, double[][] prompts) {
    return Arrays.stream(queries)
        .map(
            query -> Arrays.stream(prompts).mapToDouble(prompt -> predict(query, prompt)).toArray())
        .toArray(double[][]::new);
  }

  /** (1, x, z) and, with interactions, every product of an x and a z. */
  private static double[] expand(double[] query, double[] prompt, boolean hasInteractions) {
    int products = hasInteractions ? query.length * prompt.length : 0;
    double[] row = new double[1 + query.length + prompt.length + products];
    row[0] = 1;
    System.arraycopy(query, 0, row, 1, query.length);
    System.arraycopy(prompt, 0, row, 1 + query.length, prompt.length);
    for (int p = 0; p < products; p++) {
      row[row.length - products + p] = query[p / prompt.length] * prompt[p % prompt.length];
    }
    return row;
  }

  /** Shift and scale of each feature; a constant one, such as the first, stays as it is. */
  private record Standardisation(double[] mean, double[] scale) {
    static Standardisation of(double[][] rows) {
      int size = rows[0].length;
      double[] mean = new double[size];
      double[] scale = new double[size];
      for (int i = 0; i < size; i++) {
        int column = i;
        double centre = Arrays.stream(rows).mapToDouble(row -> row[column]).average().orElse(0);
        double variance =
            Arrays.stream(rows)
                .mapToDouble(row -> (row[column] - centre) * (row[column] - centre))
                .average()
                .orElse(0);
        boolean isConstant = !(variance > 0);
        mean[i] = isConstant ? 0 : centre;
        scale[i] = isConstant ? 1 : 1 / Math.sqrt(variance);
      }
      return new Standardisation(mean, scale);
    }

    void apply(double[] row) {
      for (int i = 0; i < row.length; i++) {
        row[i] = (row[i] - mean[i]) * scale[i];
      }
    }
  }
}
