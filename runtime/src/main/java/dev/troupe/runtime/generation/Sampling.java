package dev.troupe.runtime.generation;

import java.util.List;

/**
 * How tokens are drawn. The order is: repetition penalty, temperature, top-k, top-p, min-p.
 *
 * @param temperature divides the logits; 0 takes the most probable token
 * @param topK keep this many most probable tokens, 0 for all
 * @param topP keep the smallest set of most probable tokens with at least this probability, 1 for
 *     all
 * @param minP drop tokens less probable than this share of the most probable one, 0 for none
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens that occur in
 *     prompt or completion (Keskar et al. 2019), 1 for none
 * @param maxTokens longest completion
 * @param stopTokens ids that end a completion
 * @param stopStrings texts that end a completion
 */
public record Sampling(
    double temperature,
    int topK,
    double topP,
    double minP,
    double repetitionPenalty,
    int maxTokens,
    List<Integer> stopTokens,
    List<String> stopStrings) {

  /** Refuses values outside their ranges. */
  public Sampling {
    stopTokens = List.copyOf(stopTokens);
    stopStrings = List.copyOf(stopStrings);
    require(temperature >= 0 && Double.isFinite(temperature), "temperature", temperature, "0 up");
    require(topK >= 0, "top-k", topK, "0 (off) up");
    require(topP > 0 && topP <= 1, "top-p", topP, "above 0 up to 1 (off)");
    require(minP >= 0 && minP < 1, "min-p", minP, "0 (off) to below 1");
    require(
        repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
        "repetition-penalty",
        repetitionPenalty,
        "above 0, 1 is off");
    require(maxTokens >= 1, "max-tokens", maxTokens, "1 up");
  }

  /** Plain sampling: temperature 1, nothing truncated. */
  public static Sampling plain(int maxTokens, List<Integer> stopTokens) {
    return new Sampling(1, 0, 1, 0, 1, maxTokens, stopTokens, List.of());
  }

  /** The most probable token at every step. */
  public static Sampling greedy(int maxTokens, List<Integer> stopTokens) {
    return new Sampling(0, 0, 1, 0, 1, maxTokens, stopTokens, List.of());
  }

  private static void require(boolean valid, String name, double value, String allowed) {
    if (!valid) {
      throw new IllegalArgumentException(
          "sampling: " + name + " = " + value + " is not allowed; " + allowed);
    }
  }
}
