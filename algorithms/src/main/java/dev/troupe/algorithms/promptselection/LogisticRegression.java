package dev.troupe.algorithms.promptselection;

import java.util.Arrays;

/**
 * Ridge logistic regression by Newton's method: the minimum of {@code mean log-loss + ridge / 2 *
 * |w|^2}. The objective is strictly convex, so there is exactly one.
 */
final class LogisticRegression {
  private static final int MAX_STEPS = 100;
  private static final int MAX_HALVINGS = 40;

  /** Largest slope of the objective along a weight at which the fit has converged. */
  private static final double CONVERGED_SLOPE = 1e-9;

  private final double[][] rows;
  private final double[] outcomes;
  private final double ridge;

  /** Rows of features, the outcome (0 or 1) of each, and a ridge above 0. */
  LogisticRegression(double[][] rows, double[] outcomes, double ridge) {
    this.rows = rows;
    this.outcomes = outcomes;
    this.ridge = ridge;
  }

  /** The probability of outcome 1. */
  static double probability(double[] weights, double[] row) {
    return 1 / (1 + Math.exp(-dot(weights, row)));
  }

  double[] fit() {
    double[] weights = new double[rows[0].length];
    double value = value(weights);
    for (int step = 0; step < MAX_STEPS; step++) {
      double[] gradient = gradient(weights);
      if (Arrays.stream(gradient).allMatch(slope -> Math.abs(slope) <= CONVERGED_SLOPE)) {
        break;
      }
      double[] descent = Cholesky.solve(hessian(weights), gradient);
      // Far from the minimum a full step may overshoot.
      double stride = 1;
      double[] next = moved(weights, descent, stride);
      for (int i = 0; i < MAX_HALVINGS && value(next) >= value; i++) {
        stride /= 2;
        next = moved(weights, descent, stride);
      }
      if (value(next) >= value) {
        break; // Rounding hides any further descent.
      }
      weights = next;
      value = value(next);
    }
    return weights;
  }

  double value(double[] weights) {
    double loss = 0;
    for (int i = 0; i < rows.length; i++) {
      double logit = dot(weights, rows[i]);
      // log(1 + e^logit) - outcome * logit, without overflow
      loss += Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - outcomes[i] * logit;
    }
    return loss / rows.length + ridge / 2 * dot(weights, weights);
  }

  double[] gradient(double[] weights) {
    double[] gradient = Arrays.stream(weights).map(weight -> ridge * weight).toArray();
    for (int i = 0; i < rows.length; i++) {
      double error = (probability(weights, rows[i]) - outcomes[i]) / rows.length;
      for (int k = 0; k < gradient.length; k++) {
        gradient[k] += error * rows[i][k];
      }
    }
    return gradient;
  }

  private double[][] hessian(double[] weights) {
    int size = weights.length;
    double[][] hessian = new double[size][size];
    for (double[] row : rows) {
      double probability = probability(weights, row);
      double curvature = probability * (1 - probability) / rows.length;
      for (int k = 0; k < size; k++) {
        double scaled = curvature * row[k];
        for (int l = 0; l <= k; l++) {
          hessian[k][l] += scaled * row[l];
        }
      }
    }
    for (int k = 0; k < size; k++) {
      hessian[k][k] += ridge;
    }
    return hessian;
  }

  private static double[] moved(double[] weights, double[] descent, double stride) {
    double[] next = weights.clone();
    for (int k = 0; k < next.length; k++) {
      next[k] -= stride * descent[k];
    }
    return next;
  }

  private static double dot(double[] left, double[] right) {
    double sum = 0;
    for (int k = 0; k < left.length; k++) {
      sum += left[k] * right[k];
    }
    return sum;
  }
}
