package dev.troupe.runtime.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the list of stages, in which each may build on the earlier ones. */
final class Plan {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*");

  private Plan() {}

  /** What is known before the first stage is read. */
  static Lineage lineage(List<Checked> sections, Checked modelSection, ModelSettings model) {
    Set<String> names =
        sections.stream()
            .filter(section -> section.has("name"))
            .map(section -> section.peek("name"))
            .collect(Collectors.toSet());
    return model instanceof ModelSettings.NewDecoder decoder && modelSection.isSound("context")
        ? new Lineage(names, OptionalInt.of(decoder.context()), modelSection.quote("context"))
        : new Lineage(names, OptionalInt.empty(), "");
  }

  static List<StageSettings> stages(List<Checked> sections, Lineage lineage) {
    List<StageSettings> stages = new ArrayList<>();
    Map<String, Checked> named = new LinkedHashMap<>();
    for (Checked section : sections) {
      Optional<StageSettings> stage = stage(section, lineage);
      stage.ifPresent(stages::add);
      if (!section.isSound("name")) {
        continue;
      }
      String name = section.peek("name");
      Checked twin = named.putIfAbsent(name, section);
      if (name.equals(StageSettings.MODEL)) {
        section.refuse("name", "stands for the starting weights", "choose another name");
      } else if (twin != null) {
        section.clash("name", "is taken by " + twin.quote("name"), "choose another name");
      } else {
        lineage.add(name, stage);
      }
    }
    return stages;
  }

  /** Data of the stages' own, by the name of the stage. */
  static Map<String, DataSettings> data(List<Checked> sections, List<StageSettings> stages) {
    Map<String, DataSettings> data = new LinkedHashMap<>();
    for (Checked section : sections) {
      Optional<StageSettings> stage =
          stages.stream()
              .filter(it -> section.isSound("name") && section.peek("name").equals(it.name()))
              .findFirst();
      Optional<DataUse> use = stage.flatMap(Plan::use);
      if (use.isPresent() && section.has("data")) {
        Checked own = section.section("data");
        data.put(stage.get().name(), DataSettings.from(own, use.get()));
        if (stage.get() instanceof RewardModelStage && isZero(own, "held-out")) {
          own.refuse(
              "held-out", "keeps no row to measure the reward model on", "set it to 50, say");
        }
      }
    }
    return data;
  }

  /** The deadlines of the stages, by their names. */
  static Map<String, DeadlineSettings> deadlines(List<Checked> sections) {
    Map<String, DeadlineSettings> deadlines = new LinkedHashMap<>();
    for (Checked section : sections) {
      if (section.isSound("kind")) {
        DeadlineSettings own = DeadlineSettings.from(section.section("deadlines"));
        if (section.isSound("name")) {
          deadlines.put(section.peek("name"), own);
        }
      }
    }
    return deadlines;
  }

  private static boolean isZero(Checked c, String key) {
    return c.isSound(key) && c.integer(key, 0, Integer.MAX_VALUE) == 0;
  }

  /** What a stage does with data of its own; empty if it reads none. */
  private static Optional<DataUse> use(StageSettings stage) {
    if (stage instanceof SftStage) {
      return Optional.of(DataUse.DEMONSTRATIONS);
    }
    if (stage instanceof PreferenceStage) {
      return Optional.of(DataUse.PREFERENCES);
    }
    if (stage instanceof RewardModelStage model) {
      return Optional.of(
          model.objective() == RewardModelStage.Objective.REGRESSION
              ? DataUse.LABELS
              : DataUse.PREFERENCES);
    }
    return stage instanceof RolloutStage ? Optional.of(DataUse.PROMPTS) : Optional.empty();
  }

  /** Empty if the section is too broken to tell what it is; the problem is then noted. */
  private static Optional<StageSettings> stage(Checked c, Lineage lineage) {
    String name = c.text("name", NAME, "lower-case letters, digits and hyphens");
    return StageCatalog.kinds().choose(c).map(kind -> kind.factory().from(c, name, lineage));
  }
}
