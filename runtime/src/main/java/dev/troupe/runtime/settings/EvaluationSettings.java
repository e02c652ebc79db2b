package dev.troupe.runtime.settings;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How finished stages are measured on held-out prompts.
 *
 * @param stages stages to measure, possibly {@code model}; empty = none
 * @param prompts held-out prompts
 * @param samples completions of each prompt, whose scores are averaged
 * @param bestOf also measured is the best of so many completions, for each of these numbers, none
 *     above {@code samples}; empty = not at all
 * @param bestOfBy name of the reward, or of the reward-model stage, that the best is chosen by;
 *     empty = the total
 * @param rewardModel reward-model stage whose scores of the completions are seen beside, if any
 * @param filters filters of PF-PPO that are compared by how well its scores explain the reward;
 *     empty = none
 * @param filterBins groups of completions with similar scores that a filter is judged by
 * @param reference stage from which the distance of the others is measured, if any
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
    Optional<String> rewardModel,
    List<FiltrationSettings.Strategy> filters,
    int filterBins,
    Optional<String> reference,
    double temperature,
    int maxTokens,
    List<String> stop) {

  private static final int MAX_SAMPLES = 1024;

  /** Copies the lists. */
  public EvaluationSettings {
    stages = List.copyOf(stages);
    bestOf = List.copyOf(bestOf);
    filters = List.copyOf(filters);
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
    List<Integer> bestOf = bestOf(c, samples);
    Optional<String> by = c.optional("best-of-by", c::text);
    Optional<String> rewardModel =
        c.optional("reward-model", key -> lineage.stage(c, key, RewardModel.class));
    return new EvaluationSettings(
        stages,
        c.integer("prompts", 1, 10_000_000),
        samples,
        bestOf,
        by,
        rewardModel.or(() -> by.filter(name -> lineage.find(name, RewardModel.class).isPresent())),
        filters(c, samples, rewardModel),
        c.integer("filter-bins", 2, 10_000),
        reference(c, lineage, temperature)
            .or(() -> bestOf.stream().anyMatch(n -> n > 1) ? first(stages) : Optional.empty()),
        temperature,
        needed ? lineage.maxTokens(c) : 0,
        SamplingSettings.stop(c));
  }

  private static Optional<String> first(List<String> stages) {
    return stages.stream().findFirst();
  }

  private static List<FiltrationSettings.Strategy> filters(
      Checked c, int samples, Optional<String> rewardModel) {
    List<String> names = c.texts("filters");
    List<String> known =
        Arrays.stream(FiltrationSettings.Strategy.values()).map(EvaluationSettings::name).toList();
    if (!c.isSound("filters") || names.isEmpty()) {
      return List.of();
    }
    if (!known.containsAll(names)) {
      c.refuse("filters", "must be some of " + String.join(", ", known));
      return List.of();
    }
    if (rewardModel.isEmpty()) {
      c.refuse(
          "filters",
          "are compared by the scores of a reward model, and none is named",
          "set evaluate.reward-model to a reward-model stage");
    } else if (c.isSound("samples") && samples < 2) {
      c.clash("filters", "have nothing to choose from when " + c.quote("samples"), "sample more");
    }
    return Arrays.stream(FiltrationSettings.Strategy.values())
        .filter(strategy -> names.contains(name(strategy)))
        .toList();
  }

  private static String name(FiltrationSettings.Strategy strategy) {
    return strategy.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Optional<String> reference(Checked c, Lineage lineage, double temperature) {
    Optional<String> reference = c.optional("reference", key -> lineage.weights(c, key));
    if (reference.isPresent() && c.isSound("temperature") && temperature == 0) {
      c.clash(
          "reference",
          "is a distance between distributions, and there is none when " + c.quote("temperature"),
          "choose a temperature above 0");
    }
    return reference;
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
