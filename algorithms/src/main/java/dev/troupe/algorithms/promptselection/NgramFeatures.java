package dev.troupe.algorithms.promptselection;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a {@link SuccessPredictor} may know of a query without a language model: for each of the
 * commonest characters and pairs of characters of the logs, whether the query has it. The beginning
 * and the end of a text count as characters, so that how it begins is a feature too.
 */
public final class NgramFeatures {
  /** Marks in place of characters that no text of a query should hold. */
  private static final char BEGIN = '\u0002';

  private static final char END = '\u0003';
  private static final int LONGEST = 2;

  private final List<String> ngrams;

  private NgramFeatures(List<String> ngrams) {
    this.ngrams = ngrams;
  }

  /**
   * Finds the commonest.
   *
   * @param queries texts of the logs
   * @param most features at most, at least 1; among equally common ones the first in the order of
   *     the characters
   * @return the features
   * @throws IllegalArgumentException if {@code most} is below 1
   */
  public static NgramFeatures of(List<String> queries, int most) {
    Require.within("most", most, 1, Integer.MAX_VALUE);
    Map<String, Integer> counts = new TreeMap<>();
    for (String query : queries) {
      ngrams(query).stream().distinct().forEach(ngram -> counts.merge(ngram, 1, Integer::sum));
    }
    // What every query has tells nothing apart.
    return new NgramFeatures(
        counts.entrySet().stream()
            .filter(count -> count.getValue() < queries.size())
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .limit(most)
            .map(Map.Entry::getKey)
            .toList());
  }

  /**
   * The features of a query.
   *
   * @param query any text
   * @return 1 for each n-gram that it has, otherwise 0
   */
  public double[] of(String query) {
    List<String> own = ngrams(query);
    return ngrams.stream().mapToDouble(ngram -> own.contains(ngram) ? 1 : 0).toArray();
  }

  private static List<String> ngrams(String query) {
    String text = BEGIN + query + END;
    var ngrams = new ArrayList<String>();
    for (int length = 1; length <= LONGEST; length++) {
      for (int from = 0; from + length <= text.length(); from++) {
        ngrams.add(text.substring(from, from + length));
      }
    }
    return ngrams;
  }
}
