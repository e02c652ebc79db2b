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

  /** Empty if the section is too broken to tell what it is; the problem is then noted. */
  private static Optional<StageSettings> stage(Checked c, Lineage lineage) {
    String name = c.text("name", NAME, "lower-case letters, digits and hyphens");
    return StageCatalog.kinds().choose(c).map(kind -> kind.factory().from(c, name, lineage));
  }
}
