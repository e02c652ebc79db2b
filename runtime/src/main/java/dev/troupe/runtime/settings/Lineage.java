package dev.troupe.runtime.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What a stage may build on: the starting model and the stages before it. */
final class Lineage {
  private final Map<String, Optional<StageSettings>> earlier = new LinkedHashMap<>();
  private final Set<String> names;
  private final OptionalInt context;
  private final String contextQuote;

  /**
   * @param names every stage of the recipe, also the later ones
   * @param context the model's context, in tokens, if the recipe says it
   * @param contextQuote the setting that says so
   */
  Lineage(Set<String> names, OptionalInt context, String contextQuote) {
    this.names = Set.copyOf(names);
    this.context = context;
    this.contextQuote = contextQuote;
  }

  /** Ends a stage; it is empty if it could not be read, and then fits every use. */
  void add(String name, Optional<StageSettings> stage) {
    earlier.put(name, stage);
  }

  /** Reads a key that names {@code model} or an earlier stage. */
  String weights(Checked c, String key) {
    return reference(c, key, StageSettings.class);
  }

  /** Reads a key that names an earlier stage of that type. */
  String stage(Checked c, String key, Class<? extends StageSettings> type) {
    return reference(c, key, type);
  }

  /** An earlier stage whose name was read soundly as one of that type; empty otherwise. */
  <S extends StageSettings> Optional<S> find(String name, Class<S> type) {
    return earlier.getOrDefault(name, Optional.empty()).filter(type::isInstance).map(type::cast);
  }

  private String reference(Checked c, String key, Class<? extends StageSettings> wanted) {
    String name = c.text(key);
    if (c.isSound(key)) {
      fault(name, wanted).ifPresent(fault -> c.refuse(key, fault, advice(name, wanted)));
    }
    return name;
  }

  /**
   * The adapters that the stage named by a key ends with; it is a mistake if it has none.
   *
   * @param name what the key names, read as an {@link AdaptedStage}
   * @return the adapters; empty after a mistake, or if that stage could not be read
   */
  Optional<LoraSettings> adapters(Checked c, String key, String name) {
    Optional<AdaptedStage> stage = find(name, AdaptedStage.class);
    Optional<LoraSettings> adapters = stage.flatMap(AdaptedStage::adapters);
    if (c.isSound(key) && stage.isPresent() && adapters.isEmpty()) {
      c.refuse(
          key,
          "is a stage without low-rank adapters",
          "give it optimizer.lora { rank = ... }, or name a stage that has them");
    }
    return adapters;
  }

  /** Reads a key that lists {@code model} or earlier stages. */
  List<String> weightsList(Checked c, String key) {
    List<String> list = c.texts(key);
    for (String name : list) {
      Optional<String> fault = fault(name, StageSettings.class);
      if (fault.isPresent()) {
        c.refuse(
            key, "holds \"" + name + "\", which " + fault.get(), advice(name, StageSettings.class));
        return list;
      }
    }
    return list;
  }

  /** Reads a key that lists earlier stages, at least two. */
  List<String> ingredients(Checked c, String key) {
    List<String> list = weightsList(c, key);
    if (c.isSound(key) && list.stream().distinct().count() < 2) {
      c.refuse(key, "must name at least two different stages");
    }
    return list;
  }

  /** Reads the longest completion, which must leave room for at least one token of prompt. */
  int maxTokens(Checked c) {
    int tokens = c.integer("max-tokens", 1, 1_000_000);
    if (c.isSound("max-tokens") && context.isPresent() && tokens >= context.getAsInt()) {
      c.clash(
          "max-tokens",
          "leaves no room for a prompt in " + contextQuote,
          "choose less than " + context.getAsInt());
    }
    return tokens;
  }

  /** Why the name cannot be used, if it cannot; {@code wanted} is the only type that fits. */
  private Optional<String> fault(String name, Class<? extends StageSettings> wanted) {
    if (name.equals(StageSettings.MODEL) && fitsModel(wanted)) {
      return Optional.empty();
    }
    if (!earlier.containsKey(name)) {
      return Optional.of(
          names.contains(name)
              ? "names a stage that does not come before this one"
              : "names no stage");
    }
    return earlier
        .get(name)
        .filter(stage -> !wanted.isInstance(stage))
        .map(stage -> "is a stage of kind " + stage.kind() + ", not " + kinds(wanted));
  }

  private String advice(String name, Class<? extends StageSettings> wanted) {
    List<String> fitting = new ArrayList<>();
    if (fitsModel(wanted)) {
      fitting.add(StageSettings.MODEL);
    }
    earlier.forEach(
        (label, stage) -> {
          if (stage.filter(wanted::isInstance).isPresent()
              || stage.isEmpty() && fitsModel(wanted)) {
            fitting.add(label);
          }
        });
    if (fitting.isEmpty()) {
      return "put a " + kinds(wanted) + " stage before this one";
    }
    String candidates = "candidates: " + String.join(", ", fitting);
    return Spelling.nearest(name, fitting)
        .map(near -> candidates + "; " + Spelling.question(near))
        .orElse(candidates);
  }

  /** The weights with which a run begins do for whoever wants no more than weights. */
  private static boolean fitsModel(Class<? extends StageSettings> wanted) {
    return wanted == StageSettings.class;
  }

  private static String kinds(Class<? extends StageSettings> type) {
    return String.join(" or ", StageCatalog.namesOf(type));
  }
}
