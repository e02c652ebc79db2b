package dev.troupe.algorithms.superhf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How alike the completions of different prompts are: the mean over all pairs of the F1 of their
 * tokens. A policy that gives everybody the same answer, whatever was asked, has 1. SuperHF (Mukobi
 * et al. 2023, section 4) measures mode collapse so, with METEOR in place of F1.
 */
public final class PairwiseSimilarity {
  private PairwiseSimilarity() {}

  /**
   * The mean over all pairs.
   *
   * @param completions tokens of one completion for each prompt; not changed
   * @return in [0, 1]; NaN when there are fewer than two
   */
  public static double mean(List<int[]> completions) {
    var sorted = new ArrayList<int[]>(completions.size());
    for (int[] completion : completions) {
      int[] copy = completion.clone();
      Arrays.sort(copy);
      sorted.add(copy);
    }
    double sum = 0;
    long pairs = 0;
    for (int i = 0; i < sorted.size(); i++) {
      for (int j = 0; j < i; j++) {
        sum += f1(sorted.get(i), sorted.get(j));
        pairs++;
      }
    }
    return sum / pairs;
  }

  /** Twice the tokens that both have, counted as often as both have them, by all that they have. */
  private static double f1(int[] a, int[] b) {
    if (a.length + b.length == 0) {
      return 1; // Two texts without a token are the same.
    }
    int shared = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      if (a[i] == b[j]) {
        shared++;
        i++;
        j++;
      } else if (a[i] < b[j]) {
        i++;
      } else {
        j++;
      }
    }
    return 2.0 * shared / (a.length + b.length);
  }
}
