package dev.troupe.runtime.settings;

import java.util.List;
import java.util.Optional;

/**
 * How finished stages are measured on held-out prompts.
 *
 * @param stages stages to measure, possibly {@code model}; empty = none
 * @param prompts held-out prompts
 * @param samples completions of each prompt, whose scores are averaged
 * @param bestOf also measured is the best of so many completions, for each of these numbers, none
 *     above {@code samples}; empty = not at all
 * @param bestOfBy name of the reward that the best is chosen by; empty = the total
 * @param temperature sampling temperature; 0 = greedy
 * @param maxTokens longest completion, tokens; 0 if nothing is measured
 * @param stop texts that end a completion
 */
public record EvaluationSettings(
    List<String> stages,
    int prompts,
    int samples,
    List<Integer> bestOf,
    Optional<String> bestOfBy,
    double temperature,
    int maxTokens,
    List<String> stop) {

  private static final int MAX_SAMPLES = 1024;

  /** Copies the lists. */
  public EvaluationSettings {
    stages = List.copyOf(stages);
    bestOf = List.copyOf(bestOf);
    stop = List.copyOf(stop);
  }

  static EvaluationSettings from(Checked c, Lineage lineage) {
    List<String> stages = lineage.weightsList(c, "stages");
    boolean needed = !stages.isEmpty() || c.has("max-tokens");
    int samples = c.integer("samples", 1, MAX_SAMPLES);
    double temperature = c.decimal("temperature", 0.0, 10.0);
    if (c.isSound("samples", "temperature") && samples > 1 && temperature == 0) {
      c.clash(
          "samples",
          "would be the same text each time when " + c.quote("temperature"),
          "choose 1 sample or a temperature above 0");
    }
    return new EvaluationSettings(
        stages,
        c.integer("prompts", 1, 10_000_000),
        samples,
        bestOf(c, samples),
        c.optional("best-of-by", c::text),
        temperature,
        needed ? lineage.maxTokens(c) : 0,
        SamplingSettings.stop(c));
  }

  private static List<Integer> bestOf(Checked c, int samples) {
    List<Integer> bestOf = c.integers("best-of", 1, MAX_SAMPLES);
    if (c.isSound("best-of", "samples") && bestOf.stream().anyMatch(n -> n > samples)) {
      c.clash("best-of", "needs more completions than " + c.quote("samples"), "sample more");
    }
    if (c.isSound("best-of") && bestOf.isEmpty() && c.has("best-of-by")) {
      c.refuseBeside("best-of-by", "best-of");
    }
    return bestOf.stream().distinct().sorted().toList();
  }
}
