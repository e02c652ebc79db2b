package dev.troupe.runtime.settings;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The kinds of stages that a recipe can ask for, by name. A new kind is one more line here and one
 * more section of defaults in {@code reference.conf}.
 */
public final class StageCatalog {
  private static final Kinds<Entry> KINDS =
      Kinds.<Entry>none(Overlay.section(Defaults.shipped().root(), "stage").toConfig())
          .with("sft", new Entry(SftStage.class, SftStage::from))
          .with("soup", new Entry(SoupStage.class, SoupStage::from))
          .with("dpo", new Entry(DpoStage.class, DpoStage::from))
          .with("essa", new Entry(EssaStage.class, EssaStage::from))
          .with("reward-model", new Entry(RewardModelStage.class, RewardModelStage::from))
          .with("tdpo", new Entry(TdpoStage.class, TdpoStage::from))
          .with("pro", new Entry(ProStage.class, ProStage::from))
          .with(
              "prompt-selection", new Entry(PromptSelectionStage.class, PromptSelectionStage::from))
          .with("superhf", new Entry(SuperHfStage.class, SuperHfStage::from))
          .with("grpo", policyGradient("grpo"))
          .with("dr-grpo", policyGradient("dr-grpo"))
          .with("dapo", policyGradient("dapo"))
          .with("gspo", policyGradient("gspo"))
          .with("cispo", policyGradient("cispo"))
          .with("rloo", policyGradient("rloo"))
          .with("reinforce-plus-plus", policyGradient("reinforce-plus-plus"))
          .with("reinforce-plus-plus-baseline", policyGradient("reinforce-plus-plus-baseline"))
          .with("ppo", policyGradient("ppo"))
          .with("ppo-max", policyGradient("ppo-max"))
          .with("rto", policyGradient("rto"))
          .with("salsa", policyGradient("salsa", "reference"));

  private StageCatalog() {}

  private static Entry policyGradient(String kind, String... required) {
    return new Entry(PolicyGradientStage.class, PolicyGradientStage.of(kind, required))
        .completing("shaping", "critic", "reward-model")
        .on("policy-gradient");
  }

  /** Reads the section of a stage whose kind is known. */
  @FunctionalInterface
  interface Factory {

    /**
     * @param c the section with all its defaults
     * @param name of the stage
     * @param lineage what it may build on
     */
    StageSettings from(Checked c, String name, Lineage lineage);
  }

  /**
   * What a kind of stage is.
   *
   * @param settings the type of its settings
   * @param factory makes them
   * @param optional its sections that have a meaning by being there, whose defaults lie in a
   *     section of that name
   * @param base the section with the defaults that several kinds share, under those of their own
   *     names; empty for none
   */
  record Entry(
      Class<? extends StageSettings> settings,
      Factory factory,
      List<String> optional,
      String base) {

    Entry(Class<? extends StageSettings> settings, Factory factory) {
      this(settings, factory, List.of(), "");
    }

    Entry completing(String... sections) {
      return new Entry(settings, factory, List.of(sections), base);
    }

    Entry on(String section) {
      return new Entry(settings, factory, optional, section);
    }

    /** Whether stages of this kind are of the type. */
    boolean is(Class<?> type) {
      return type.isAssignableFrom(settings);
    }
  }

  static Kinds<Entry> kinds() {
    return KINDS;
  }

  /** The names of the kinds whose stages are of a type. */
  static List<String> namesOf(Class<?> type) {
    return KINDS.entries().entrySet().stream()
        .filter(kind -> kind.getValue().is(type))
        .map(kind -> kind.getKey())
        .toList();
  }

  /**
   * The types of settings that a recipe can give, each of which needs someone who carries it out.
   */
  public static Set<Class<? extends StageSettings>> settings() {
    Collection<Entry> entries = KINDS.entries().values();
    return entries.stream()
        .map(Entry::settings)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
