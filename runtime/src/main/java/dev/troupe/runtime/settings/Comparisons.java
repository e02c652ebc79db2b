package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import java.util.List;

/**
 * The completions that a {@link PreferenceStage} compares.
 *
 * @param prompts prompts of one step
 * @param groupSize completions sampled for each prompt, at least 2
 * @param sampling how they are sampled
 * @param preference graded rewards that rank the completions of a prompt; each section has a {@code
 *     kind} and is checked by the reward that it names
 */
public record Comparisons(
    int prompts, int groupSize, SamplingSettings sampling, List<Config> preference) {

  /** Copies the list. */
  public Comparisons {
    preference = List.copyOf(preference);
  }

  static Comparisons from(Checked c, Lineage lineage) {
    return new Comparisons(
        c.integer("prompts", 1, SftStage.MAX_BATCH),
        c.integer("group-size", 2, PolicyGradientStage.MAX_GROUP),
        SamplingSettings.from(c.section("sampling"), lineage),
        RunSettings.rewards(c, "preference"));
  }
}
