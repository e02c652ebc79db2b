package dev.troupe.runtime.data;

import java.util.List;
import java.util.Map;

/**
 * One prompt with completions whose worth is known: a pair, a ranking, or one that has labels.
 *
 * @param id names the row, for messages
 * @param prompt the text that the completions continue
 * @param candidates the completions, at least one
 */
public record Comparison(String id, String prompt, List<Candidate> candidates) {

  /**
   * A completion.
   *
   * @param text its text
   * @param reward what it is worth: only differences within a row mean something; finite
   * @param labels what it is worth in single respects, in the order of the settings; may be empty
   */
  public record Candidate(String text, double reward, Map<String, Double> labels) {}

  /** Copies the list. */
  public Comparison {
    candidates = List.copyOf(candidates);
  }
}
