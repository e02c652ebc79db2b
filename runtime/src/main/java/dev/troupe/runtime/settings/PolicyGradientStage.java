package dev.troupe.runtime.settings;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Learning from rewards of the stage's own completions by policy gradients: GRPO, PPO and what lies
 * between and around them. The kinds that share these settings differ by their defaults in {@code
 * reference.conf} alone.
 *
 * @param kind which method's defaults hold
 * @param name name of the stage
 * @param from stage whose weights it starts with, or {@code model}
 * @param steps learner steps
 * @param prompts prompts of one step
 * @param groupSize completions sampled for each prompt
 * @param sampling how they are sampled
 * @param staleness learner steps by which the sampling policy is older than the trained one
 * @param extraBatches how often a step may sample as many prompts again in place of those whose
 *     completions are all of one reward (DAPO's dynamic sampling); 0 = never
 * @param modelReward learning from a reward model's scores, if any
 * @param outcome what is done to rewards at first
 * @param filtration which completions are kept
 * @param shaping dense token rewards, if any
 * @param kl the pull to the reference
 * @param reference stage that anchors the divergence; a soup stage for SALSA
 * @param referenceUpdate how the reference follows the policy
 * @param advantage how rewards become advantages
 * @param critic what they are compared with, if it is a critic
 * @param surrogate what is minimised
 * @param correction what corrects for tokens of another policy
 * @param entropy what the loss makes of the entropy
 * @param ptx demonstrations learnt beside
 * @param epochs passes over the completions of a step
 * @param miniBatches optimizer steps of one pass; divides {@code prompts}
 * @param optimizer how the weights are moved
 * @param unitPrompts tickets decoded together as one work unit
 */
public record PolicyGradientStage(
    String kind,
    String name,
    String from,
    int steps,
    int prompts,
    int groupSize,
    SamplingSettings sampling,
    int staleness,
    int extraBatches,
    Optional<ModelRewardSettings> modelReward,
    OutcomeSettings outcome,
    FiltrationSettings filtration,
    Optional<ShapingSettings> shaping,
    KlSettings kl,
    String reference,
    ReferenceUpdate referenceUpdate,
    AdvantageSettings advantage,
    Optional<CriticSettings> critic,
    SurrogateSettings surrogate,
    CorrectionSettings correction,
    EntropySettings entropy,
    PtxSettings ptx,
    int epochs,
    int miniBatches,
    OptimizerSettings optimizer,
    int unitPrompts)
    implements SampledStage {

  static final int MAX_GROUP = 1024;
  private static final int MAX_STALENESS = 8;
  private static final int MAX_EXTRA_BATCHES = 100;

  /**
   * Reads the section of a kind.
   *
   * @param kind whose defaults complete the section
   * @param required keys that this kind cannot do without though others can
   */
  static StageCatalog.Factory of(String kind, String... required) {
    return (c, name, lineage) -> {
      for (String key : required) {
        c.text(key);
      }
      return from(kind, c, name, lineage);
    };
  }

  private static PolicyGradientStage from(String kind, Checked c, String name, Lineage lineage) {
    String from = lineage.weights(c, "from");
    AdvantageSettings advantage = AdvantageSettings.from(c);
    boolean compares = advantage.estimator() == null || advantage.estimator().comparesGroup();
    SamplingSettings sampling = SamplingSettings.from(c.section("sampling"), lineage);
    var stage =
        new PolicyGradientStage(
            kind,
            name,
            from,
            c.integer("steps", 0, SftStage.MAX_STEPS),
            c.integer("prompts", 1, SftStage.MAX_BATCH),
            c.integer("group-size", compares ? 2 : 1, MAX_GROUP),
            sampling,
            c.integer("staleness", 0, MAX_STALENESS),
            c.section("dynamic-sampling").integer("max-extra-batches", 0, MAX_EXTRA_BATCHES),
            c.optional("reward-model", key -> ModelRewardSettings.from(c.section(key), lineage)),
            OutcomeSettings.from(c, sampling),
            FiltrationSettings.from(c.section("filtration")),
            c.optional("shaping", key -> ShapingSettings.from(c.section(key), lineage)),
            KlSettings.from(c.section("kl")),
            c.optional("reference", key -> lineage.weights(c, key)).orElse(from),
            ReferenceUpdate.from(c.section("reference-update")),
            advantage,
            critic(c, advantage, from, lineage),
            SurrogateSettings.from(c),
            CorrectionSettings.from(c),
            EntropySettings.from(c.section("entropy")),
            PtxSettings.from(c.section("ptx")),
            c.integer("epochs", 1, 64),
            c.integer("mini-batches", 1, 1024),
            OptimizerSettings.from(c.section("optimizer")),
            c.integer("unit-prompts", 1, 4096));
    stage.requireSense(c);
    return stage;
  }

  private static Optional<CriticSettings> critic(
      Checked c, AdvantageSettings advantage, String from, Lineage lineage) {
    if (advantage.estimator() == AdvantageSettings.Estimator.GAE) {
      return CriticSettings.from(c, from, lineage);
    }
    c.optional("critic", c::opaque); // A default of the kind, unused by the chosen advantage.
    return Optional.empty();
  }

  /** Rules that join settings of several concerns. */
  private void requireSense(Checked c) {
    boolean isCompared =
        modelReward
            .filter(it -> it.combine() == ModelRewardSettings.Combine.NORMALISE_THEN_SUM)
            .isPresent();
    if (isCompared
        && c.isSound("advantage")
        && advantage.estimator() != AdvantageSettings.Estimator.GIVEN) {
      c.clash(
          "advantage",
          "would compare once more what reward-model.combine = normalise-then-sum has compared",
          "choose given");
    }
    if (c.isSound("prompts", "mini-batches") && prompts % miniBatches != 0) {
      c.clash("mini-batches", "does not divide " + c.quote("prompts"), "choose a divisor");
    }
    boolean differs =
        shaping.isPresent()
            || advantage.estimator() != null && advantage.estimator().differsByToken();
    if (surrogate.loss() == SurrogateSettings.Loss.GSPO && c.isSound("advantage") && differs) {
      c.clash(
          "loss",
          "needs one advantage for a whole completion, but "
              + (shaping.isPresent() ? "shaping rewards its tokens" : c.quote("advantage")),
          "choose clip or cispo");
    }
    requireCommonSteps(c);
    boolean keepsOne =
        filtration.strategy() == FiltrationSettings.Strategy.BEST_OF_N || filtration.draws() == 1;
    if (filtration.isOn() && keepsOne && advantage.estimator() != null) {
      if (advantage.estimator().comparesGroup() && c.isSound("advantage")) {
        c.clash(
            "advantage",
            "compares the completions of a prompt, but filtration keeps one of them",
            "choose another filtration.strategy, or advantage = gae");
      }
    }
    if (kl.target() > 0
        && c.isSound("group-size")
        && groupSize * (double) prompts >= kl.horizon()) {
      c.clash(
          "group-size",
          "makes steps of "
              + (long) groupSize * prompts
              + " completions, in which kl.adaptive would overshoot",
          "raise kl.adaptive.horizon above that");
    }
    if (extraBatches > 0 && c.isSound("group-size") && groupSize < 2) {
      c.clash(
          "group-size",
          "is always of one reward, so dynamic-sampling would discard every prompt",
          "choose 2 or more");
    }
  }

  /** Gradients can be clipped as one only if they are taken at the same time. */
  private void requireCommonSteps(Checked c) {
    boolean isJoint =
        critic.filter(it -> it.gradientClip() == CriticSettings.GradientClip.JOINT).isPresent();
    if (isJoint && c.isSound("epochs") && critic.get().epochs() != epochs) {
      c.clash(
          "epochs",
          "are not the passes of the critic, "
              + critic.get().epochs()
              + ", with which critic.gradient-clip = joint clips the policy's gradient",
          "choose the same for both, or separate");
    }
  }

  @Override
  public boolean isRewarded() {
    return modelReward.isEmpty() || modelReward.get().recipeWeight() > 0;
  }

  @Override
  public int trainedModels() {
    return critic.isPresent() ? 2 : 1;
  }

  @Override
  public int frozenModels() {
    return (kl.coefficient() > 0 ? 1 : 0)
        + (shaping.isPresent() ? 2 : 0)
        + (modelReward.isPresent() ? 1 : 0);
  }

  @Override
  public List<String> inputs() {
    return Stream.of(
            Stream.of(from, reference),
            shaping.map(ShapingSettings::model).stream(),
            modelReward.map(ModelRewardSettings::stage).stream(),
            critic.map(CriticSettings::from).stream())
        .flatMap(names -> names)
        .distinct()
        .toList();
  }
}
