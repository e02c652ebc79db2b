package dev.troupe.runtime.settings;

import java.util.List;

/**
 * How finished stages are measured on held-out prompts.
 *
 * @param stages stages to measure, possibly {@code model}; empty = none
 * @param prompts held-out prompts
 * @param samples completions of each prompt, whose scores are averaged
 * @param temperature sampling temperature; 0 = greedy
 * @param maxTokens longest completion, tokens; 0 if nothing is measured
 * @param stop texts that end a completion
 */
public record EvaluationSettings(
    List<String> stages,
    int prompts,
    int samples,
    double temperature,
    int maxTokens,
    List<String> stop) {

  /** Copies the lists. */
  public EvaluationSettings {
    stages = List.copyOf(stages);
    stop = List.copyOf(stop);
  }

  static EvaluationSettings from(Checked c, Lineage lineage) {
    List<String> stages = lineage.weightsList(c, "stages");
    boolean needed = !stages.isEmpty() || c.has("max-tokens");
    int samples = c.integer("samples", 1, 1024);
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
        temperature,
        needed ? lineage.maxTokens(c) : 0,
        SamplingSettings.stop(c));
  }
}
