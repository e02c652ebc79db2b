package dev.troupe.runtime.settings;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Completes a recipe with {@code troupe.defaults} of {@code reference.conf}.
 *
 * <p>Anything of an unexpected type is left alone for the reader to refuse.
 */
final class Defaults {
  private final ConfigObject defaults;

  private Defaults(ConfigObject defaults) {
    this.defaults = defaults;
  }

  /** The defaults that come with Troupe, read once. */
  static Defaults shipped() {
    return Shipped.DEFAULTS;
  }

  private static final class Shipped {
    static final Defaults DEFAULTS = load(Defaults.class.getClassLoader());
  }

  /** Reads ours among the files of that name on the class path, of which Akka has many. */
  static Defaults load(ClassLoader loader) {
    return new Defaults(
        ConfigFactory.parseResources(loader, Place.REFERENCE)
            .withOnlyPath("troupe")
            .resolve()
            .getObject("troupe.defaults"));
  }

  ConfigObject root() {
    return defaults;
  }

  /** The recipe with every default written out and its shared sections moved into the stages. */
  ConfigObject complete(ConfigObject recipe) {
    ConfigObject complete = recipe;
    if (recipe.get("model") instanceof ConfigObject model) {
      complete = complete.withValue("model", completeModel(model));
    }
    complete = data(complete, List.of("data"));
    ConfigObject sampling = Overlay.section(recipe, "sampling");
    for (String shared : List.of("max-tokens", "stop")) {
      if (sampling.containsKey(shared)) {
        ConfigObject one = Overlay.section(sampling, "").withValue(shared, sampling.get(shared));
        complete = Overlay.under(complete, "evaluate", one);
      }
    }
    if (recipe.get("stages") instanceof ConfigList stages) {
      List<ConfigValue> list = new ArrayList<>();
      for (ConfigValue stage : stages) {
        list.add(stage instanceof ConfigObject section ? completeStage(section, recipe) : stage);
      }
      complete =
          complete.withValue(
              "stages", ConfigValueFactory.fromIterable(list).withOrigin(stages.origin()));
    }
    for (String shared : List.of("optimizer", "sampling", "deadlines")) {
      if (complete.get(shared) instanceof ConfigObject) {
        complete = complete.withoutKey(shared);
      }
    }
    return Overlay.of(complete, Overlay.section(defaults, "recipe"));
  }

  private ConfigObject completeModel(ConfigObject model) {
    return model.containsKey("path")
        ? model
        : Overlay.of(model, variant(defaults, "decoder", model.get("family")));
  }

  private ConfigObject completeStage(ConfigObject stage, ConfigObject recipe) {
    ConfigValue kind = stage.get("kind");
    StageCatalog.Entry entry = StageCatalog.kinds().entries().get(text(kind));
    if (entry == null) {
      return stage;
    }
    ConfigObject complete = Overlay.of(stage, variant(defaults, "stage", kind));
    complete = Overlay.of(complete, Overlay.section(defaults, entry.base()));
    complete = shared(complete, recipe, "deadlines");
    if (entry.is(TrainedStage.class)) {
      complete = shared(complete, recipe, "optimizer");
      ConfigObject optimizer = Overlay.section(complete, "optimizer");
      complete = complete.withValue("optimizer", optional(optimizer, "lora"));
    }
    complete = data(complete, List.of("stage-data", "data"));
    if (entry.is(RolloutStage.class) && !(brings(entry) && complete.containsKey("data"))) {
      complete = shared(complete, recipe, "sampling");
    }
    for (String section : entry.optional()) {
      complete = optional(complete, section);
    }
    return complete;
  }

  /** Lays under a stage's section the recipe's section of that name, and under it the defaults. */
  private ConfigObject shared(ConfigObject stage, ConfigObject recipe, String key) {
    ConfigObject complete = stage;
    if (recipe.get(key) instanceof ConfigObject section) {
      complete = Overlay.under(complete, key, section);
    }
    return Overlay.under(complete, key, Overlay.section(defaults, key));
  }

  /** Whether data of a stage's own brings the completions that are sampled without it. */
  private static boolean brings(StageCatalog.Entry entry) {
    return entry.is(PreferenceStage.class) || entry.is(RewardModelStage.class);
  }

  /** Completes a section of a person's own data, if there is one, from sections of defaults. */
  private ConfigObject data(ConfigObject parent, List<String> from) {
    if (!(parent.get("data") instanceof ConfigObject data)) {
      return parent;
    }
    ConfigObject complete = data;
    for (String section : from) {
      complete = Overlay.of(complete, Overlay.section(defaults, section));
    }
    return parent.withValue("data", optional(complete, "curriculum"));
  }

  /** Completes a section that has a meaning by being there. */
  private ConfigObject optional(ConfigObject parent, String key) {
    return parent.containsKey(key)
        ? Overlay.under(parent, key, Overlay.section(defaults, key))
        : parent;
  }

  private static ConfigObject variant(ConfigObject defaults, String key, ConfigValue choice) {
    return Overlay.section(Overlay.section(defaults, key), text(choice));
  }

  private static String text(ConfigValue choice) {
    return choice == null ? "" : String.valueOf(choice.unwrapped());
  }
}
