package dev.troupe.algorithms.promptselection;

import dev.troupe.algorithms.Require;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which of P prompts to use for each of Q queries, and how good the choice was. Tables have one row
 * for each query and one column for each prompt. Of equals the lowest index wins.
 */
public final class PromptSelection {
  private PromptSelection() {}

  /**
   * The prompt with the highest predicted success for each query.
   *
   * @param predictedQP predicted success, (Q, P)
   * @return index of a prompt for each query, (Q)
   * @throws IllegalArgumentException if the table is empty, ragged or not finite
   */
  public static int[] choose(double[][] predictedQP) {
    requireTable("predictedQP", predictedQP);
    return Arrays.stream(predictedQP).mapToInt(PromptSelection::argmax).toArray();
  }

  /**
   * The single prompt with the highest mean success: what a choice for each query must beat.
   *
   * @param successQP success of every prompt on every query, in [0, 1], (Q, P)
   * @return index of a prompt
   * @throws IllegalArgumentException if the table is empty, ragged or not finite
   */
  public static int bestFixed(double[][] successQP) {
    requireTable("successQP", successQP);
    double[] totals = new double[successQP[0].length];
    for (double[] row : successQP) {
      for (int p = 0; p < totals.length; p++) {
        totals[p] += row[p];
      }
    }
    return argmax(totals);
  }

  /**
   * The mean success of a choice.
   *
   * @param successQP success of every prompt on every query, in [0, 1], (Q, P)
   * @param chosenQ index of the prompt used for each query, (Q)
   * @return the mean over queries
   * @throws IllegalArgumentException if the table is empty, ragged or not finite, or an index is
   *     not one of its columns
   */
  public static double successRate(double[][] successQP, int[] chosenQ) {
    requireTable("successQP", successQP);
    Require.sameLength("successQP", successQP.length, "chosenQ", chosenQ.length);
    double total = 0;
    for (int q = 0; q < chosenQ.length; q++) {
      Require.within("chosenQ[" + q + "]", chosenQ[q], 0, successQP[q].length - 1);
      total += successQP[q][chosenQ[q]];
    }
    return total / chosenQ.length;
  }

  /**
   * The mean success of one prompt on all queries.
   *
   * @param successQP success of every prompt on every query, in [0, 1], (Q, P)
   * @param prompt index of the prompt
   * @return the mean over queries
   * @throws IllegalArgumentException as {@link #successRate(double[][], int[])}
   */
  public static double successRate(double[][] successQP, int prompt) {
    int[] chosen = new int[successQP.length];
    Arrays.fill(chosen, prompt);
    return successRate(successQP, chosen);
  }

  /**
   * The mean success of the best prompt for each query, chosen with the outcome known: the most
   * that any choice can reach.
   *
   * @param successQP success of every prompt on every query, in [0, 1], (Q, P)
   * @return the mean over queries
   * @throws IllegalArgumentException if the table is empty, ragged or not finite
   */
  public static double oracle(double[][] successQP) {
    return successRate(successQP, choose(successQP));
  }

  private static int argmax(double[] values) {
    return IntStream.range(1, values.length)
        .reduce(0, (best, i) -> values[i] > values[best] ? i : best);
  }

  private static void requireTable(String name, double[][] table) {
    if (table.length == 0 || table[0].length == 0) {
      throw new IllegalArgumentException(
          name + " is empty, expected at least 1 query and 1 prompt");
    }
    for (int q = 0; q < table.length; q++) {
      Require.sameLength(name + "[0]", table[0].length, name + "[" + q + "]", table[q].length);
      Require.finite(name + "[" + q + "]", table[q]);
    }
  }
}
