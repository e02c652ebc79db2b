package dev.troupe.runtime.settings;

import java.util.List;

/**
 * Preference ranking optimization: each prompt's completions as one ranking, without a reference.
 *
 * @param name name of the stage
 * @param from stage whose weights it starts with, or {@code model}
 * @param steps optimizer steps
 * @param comparisons the completions that are compared
 * @param listLength completions of a ranking, 2 to the group size, from the best to the worst of
 *     the group
 * @param temperature whether gaps between rewards sharpen the contrasts; otherwise only the order
 *     counts
 * @param supervisedWeight weight of the log-likelihood of the best completion
 * @param supervisedMean whether that is a mean over its tokens in place of a sum
 * @param optimizer how the weights are moved
 */
public record ProStage(
    String name,
    String from,
    int steps,
    Comparisons comparisons,
    int listLength,
    boolean temperature,
    double supervisedWeight,
    boolean supervisedMean,
    OptimizerSettings optimizer)
    implements PreferenceStage {

  static ProStage from(Checked c, String name, Lineage lineage) {
    Comparisons comparisons = Comparisons.from(c, lineage);
    int listLength =
        c.optional("list-length", key -> c.integer(key, 2, PolicyGradientStage.MAX_GROUP))
            .orElse(comparisons.groupSize());
    if (c.isSound("list-length", "group-size") && listLength > comparisons.groupSize()) {
      c.clash("list-length", "is above " + c.quote("group-size"), "lower it or sample more");
    }
    return new ProStage(
        name,
        lineage.weights(c, "from"),
        c.integer("steps", 0, SftStage.MAX_STEPS),
        comparisons,
        listLength,
        c.bool("temperature"),
        c.decimal("supervised-weight", 0.0, 1e6),
        c.bool("supervised-mean"),
        OptimizerSettings.from(c.section("optimizer")));
  }

  @Override
  public String kind() {
    return "pro";
  }

  @Override
  public List<String> inputs() {
    return List.of(from);
  }
}
