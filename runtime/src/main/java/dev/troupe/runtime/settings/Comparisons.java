package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import java.util.List;

/**
 * The completions that a {@link PreferenceStage} compares.
 *
 * @param prompts prompts of one step
 * @param groupSize completions of a prompt, at least 2: so many are sampled, or a row of the
 *     stage's own data has at most so many
 * @param sampling how they are sampled; without meaning if they are read
 * @param preference graded rewards that rank the completions of a prompt; each section has a {@code
 *     kind} and is checked by the reward that it names; empty if they are read
 */
public record Comparisons(
    int prompts, int groupSize, SamplingSettings sampling, List<Config> preference) {

  /** Copies the list. */
  public Comparisons {
    preference = List.copyOf(preference);
  }

  static Comparisons from(Checked c, Lineage lineage) {
    if (c.has("data")) {
      c.refuseBesideData("sampling");
      c.refuseBesideData("preference");
      return new Comparisons(
          c.integer("prompts", 1, SftStage.MAX_BATCH),
          groupSize(c),
          SamplingSettings.NONE,
          List.of());
    }
    return new Comparisons(
        c.integer("prompts", 1, SftStage.MAX_BATCH),
        c.integer("group-size", 2, PolicyGradientStage.MAX_GROUP),
        SamplingSettings.from(c.section("sampling"), lineage),
        RunSettings.rewards(c, "preference"));
  }

  /** Completions of a row at most: 2 of a pair, and of a list as the stage says. */
  static int groupSize(Checked c) {
    boolean listed =
        c.opaque("data").root().containsKey("ranking")
            || c.opaque("data").root().containsKey("completions")
            || c.opaque("data").root().containsKey("sources");
    return listed || c.has("group-size")
        ? c.integer("group-size", 2, PolicyGradientStage.MAX_GROUP)
        : 2;
  }
}
