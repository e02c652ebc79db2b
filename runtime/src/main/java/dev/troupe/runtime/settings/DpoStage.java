package dev.troupe.runtime.settings;

import java.util.List;
import java.util.stream.Stream;

/**
 * Direct preference optimization on pairs: of each prompt's completions the best is preferred to
 * the worst.
 *
 * @param name name of the stage
 * @param from stage whose weights it starts with, or {@code model}
 * @param steps optimizer steps
 * @param comparisons the completions that are compared
 * @param beta strength of the pull to the reference
 * @param labelSmoothing share of pairs taken to be wrongly labelled
 * @param reference stage whose log-probabilities the loss is relative to
 * @param optimizer how the weights are moved
 */
public record DpoStage(
    String name,
    String from,
    int steps,
    Comparisons comparisons,
    double beta,
    double labelSmoothing,
    String reference,
    OptimizerSettings optimizer)
    implements PreferenceStage, TokenRewardModel {

  static DpoStage from(Checked c, String name, Lineage lineage) {
    String from = lineage.weights(c, "from");
    return new DpoStage(
        name,
        from,
        c.integer("steps", 0, SftStage.MAX_STEPS),
        Comparisons.from(c, lineage),
        c.decimal("beta", 1e-4, 100.0),
        c.decimal("label-smoothing", 0.0, 0.499),
        c.optional("reference", key -> lineage.weights(c, key)).orElse(from),
        OptimizerSettings.from(c.section("optimizer")));
  }

  @Override
  public String kind() {
    return "dpo";
  }

  @Override
  public int frozenModels() {
    return 1;
  }

  @Override
  public List<String> inputs() {
    return Stream.of(from, reference).distinct().toList();
  }
}
