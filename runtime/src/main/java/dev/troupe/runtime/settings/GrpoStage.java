package dev.troupe.runtime.settings;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Group-relative policy optimization.
 *
 * @param name name of the stage
 * @param from stage whose weights it starts with, or {@code model}
 * @param steps learner steps
 * @param prompts prompts of one step
 * @param groupSize completions sampled for each prompt, at least 2
 * @param sampling how they are sampled
 * @param staleness learner steps by which the sampling policy is older than the trained one
 * @param epochs passes over the completions of a step
 * @param miniBatches optimizer steps of one pass; divides {@code prompts}
 * @param clip bounds of the probability ratio
 * @param advantage how rewards become advantages within a group
 * @param aggregation how token losses become one number
 * @param kl the pull to the reference
 * @param reference stage that anchors the divergence; a soup stage for SALSA
 * @param referenceUpdate how the reference follows the policy
 * @param shaping dense token rewards, if any
 * @param optimizer how the weights are moved
 * @param unitPrompts tickets decoded together as one work unit
 * @param deadlines how long each kind of work may take
 */
public record GrpoStage(
    String name,
    String from,
    int steps,
    int prompts,
    int groupSize,
    SamplingSettings sampling,
    int staleness,
    int epochs,
    int miniBatches,
    Clip clip,
    Advantage advantage,
    Aggregation aggregation,
    KlSettings kl,
    String reference,
    ReferenceUpdate referenceUpdate,
    Optional<ShapingSettings> shaping,
    OptimizerSettings optimizer,
    int unitPrompts,
    DeadlineSettings deadlines)
    implements SampledStage {

  static final int MAX_GROUP = 1024;
  private static final int MAX_STALENESS = 8;

  /**
   * Bounds of the probability ratio between the trained and the sampling policy.
   *
   * @param low how far it may fall below 1 before a token stops counting
   * @param high how far it may rise above 1
   * @param dual bound c of the loss for negative advantages, at -c A; 0 = off
   */
  public record Clip(double low, double high, double dual) {}

  /** How rewards become advantages within a group. */
  public enum Advantage {
    /** Less the group's mean, divided by its deviation: GRPO as published. */
    NORMALISED,
    /** Less the group's mean: Dr. GRPO. */
    CENTRED,
    /** Less the mean of the other completions: RLOO. */
    LEAVE_ONE_OUT
  }

  /** How the losses of a step's tokens become one number (foundations, section 4.5). */
  public enum Aggregation {
    /** Mean over the tokens of the step: DAPO. */
    TOKEN_MEAN,
    /** Mean over the sequences of each one's mean: GRPO as published. */
    SEQUENCE_MEAN_TOKEN_MEAN,
    /** Mean over the sequences of each one's sum. */
    SEQUENCE_MEAN_TOKEN_SUM,
    /** Sum divided by sequences times longest completion: Dr. GRPO. */
    CONSTANT_LENGTH
  }

  static GrpoStage from(Checked c, String name, Lineage lineage) {
    String from = lineage.weights(c, "from");
    int prompts = c.integer("prompts", 1, SftStage.MAX_BATCH);
    int miniBatches = c.integer("mini-batches", 1, 1024);
    if (c.isSound("prompts", "mini-batches") && prompts % miniBatches != 0) {
      c.clash("mini-batches", "does not divide " + c.quote("prompts"), "choose a divisor");
    }
    return new GrpoStage(
        name,
        from,
        c.integer("steps", 0, SftStage.MAX_STEPS),
        prompts,
        c.integer("group-size", 2, MAX_GROUP),
        SamplingSettings.from(c.section("sampling"), lineage),
        c.integer("staleness", 0, MAX_STALENESS),
        c.integer("epochs", 1, 64),
        miniBatches,
        clip(c),
        c.choice("advantage", Advantage.class),
        c.choice("aggregation", Aggregation.class),
        KlSettings.from(c.section("kl")),
        c.optional("reference", key -> lineage.weights(c, key)).orElse(from),
        ReferenceUpdate.from(c.section("reference-update")),
        c.optional("shaping", key -> ShapingSettings.from(c.section(key), lineage)),
        OptimizerSettings.from(c.section("optimizer")),
        c.integer("unit-prompts", 1, 4096),
        DeadlineSettings.from(c.section("deadlines")));
  }

  private static Clip clip(Checked c) {
    double dual = c.decimal("dual-clip", 0.0, 1000.0);
    if (c.isSound("dual-clip") && dual > 0 && dual <= 1) {
      c.refuse("dual-clip", "would clip even a ratio of 1", "choose 0 (off) or more than 1");
    }
    return new Clip(c.decimal("clip-low", 0.0, 1.0), c.decimal("clip-high", 0.0, 10.0), dual);
  }

  @Override
  public String kind() {
    return "grpo";
  }

  @Override
  public boolean isRewarded() {
    return true;
  }

  @Override
  public int frozenModels() {
    return (kl.coefficient() > 0 ? 1 : 0) + (shaping.isPresent() ? 2 : 0);
  }

  @Override
  public List<String> inputs() {
    return Stream.concat(Stream.of(from, reference), shaping.map(ShapingSettings::model).stream())
        .distinct()
        .toList();
  }
}
