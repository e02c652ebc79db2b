package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import java.util.List;
import java.util.stream.Stream;

/**
 * Direct preference optimization on pairs that the starting policy samples: of each prompt's group
 * of completions, {@code preference} ranks the better above the worse.
 *
 * @param name name of the stage
 * @param from stage whose weights it starts with, or {@code model}
 * @param steps optimizer steps
 * @param prompts prompts of one step
 * @param groupSize completions sampled for each prompt, at least 2
 * @param sampling how they are sampled
 * @param preference graded rewards that rank them; each section has a {@code kind} and is checked
 *     by the reward that it names
 * @param beta strength of the pull to the reference
 * @param labelSmoothing share of pairs taken to be wrongly labelled
 * @param reference stage whose log-probabilities the loss is relative to
 * @param optimizer how the weights are moved
 */
public record DpoStage(
    String name,
    String from,
    int steps,
    int prompts,
    int groupSize,
    SamplingSettings sampling,
    List<Config> preference,
    double beta,
    double labelSmoothing,
    String reference,
    OptimizerSettings optimizer)
    implements JudgedStage, TokenRewardModel {

  /** Copies the list. */
  public DpoStage {
    preference = List.copyOf(preference);
  }

  static DpoStage from(Checked c, String name, Lineage lineage) {
    String from = lineage.weights(c, "from");
    return new DpoStage(
        name,
        from,
        c.integer("steps", 0, SftStage.MAX_STEPS),
        c.integer("prompts", 1, SftStage.MAX_BATCH),
        c.integer("group-size", 2, PolicyGradientStage.MAX_GROUP),
        SamplingSettings.from(c.section("sampling"), lineage),
        RunSettings.rewards(c, "preference"),
        c.decimal("beta", 1e-4, 100.0),
        c.decimal("label-smoothing", 0.0, 0.5),
        c.optional("reference", key -> lineage.weights(c, key)).orElse(from),
        OptimizerSettings.from(c.section("optimizer")));
  }

  @Override
  public String kind() {
    return "dpo";
  }

  @Override
  public String judgeKey() {
    return "preference";
  }

  @Override
  public List<Config> judge() {
    return preference;
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
