package dev.troupe.runtime.settings;

import java.util.List;

/**
 * How completions are sampled.
 *
 * @param temperature divides the logits; 0 = greedy
 * @param topK number of likeliest tokens to choose from; 0 = all
 * @param topP share of probability to choose from, likeliest first; 1 = all
 * @param minP least probability relative to the likeliest token; 0 = off
 * @param repetitionPenalty penalty on tokens already present; 1 = off
 * @param maxTokens longest completion, tokens
 * @param stop texts that end a completion
 */
public record SamplingSettings(
    double temperature,
    int topK,
    double topP,
    double minP,
    double repetitionPenalty,
    int maxTokens,
    List<String> stop) {

  /** For completions that are read, not sampled: the model's own probabilities count. */
  static final SamplingSettings NONE = new SamplingSettings(1, 0, 1, 0, 1, 1, List.of());

  /** Copies the list. */
  public SamplingSettings {
    stop = List.copyOf(stop);
  }

  static SamplingSettings from(Checked c, Lineage lineage) {
    // Greedy completions of one prompt are all the same: there is nothing to compare.
    return from(c, lineage, 0.01);
  }

  /** For a stage that compares policies, not completions of one policy, and so may be greedy. */
  static SamplingSettings orGreedy(Checked c, Lineage lineage) {
    return from(c, lineage, 0);
  }

  private static SamplingSettings from(Checked c, Lineage lineage, double leastTemperature) {
    return new SamplingSettings(
        c.decimal("temperature", leastTemperature, 10.0),
        c.integer("top-k", 0, 1_000_000),
        c.decimal("top-p", 0.01, 1.0),
        c.decimal("min-p", 0.0, 0.99),
        c.decimal("repetition-penalty", 0.1, 10.0),
        lineage.maxTokens(c),
        stop(c));
  }

  /** Reads the texts that end a completion. */
  static List<String> stop(Checked c) {
    List<String> stop = c.texts("stop");
    if (stop.contains("")) {
      c.refuse("stop", "holds an empty text, which would end every completion", "remove it");
    }
    return stop;
  }
}
