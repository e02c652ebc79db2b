package dev.troupe.runtime.settings;

import java.util.List;
import java.util.stream.Stream;

/**
 * Supervised iterative learning from human feedback: each step samples with the policy as it is,
 * keeps the best completions of each prompt, and learns them like demonstrations while a divergence
 * holds it near the original model.
 *
 * @param name name of the stage
 * @param from stage whose weights it starts with, or {@code model}
 * @param steps super-batches, in each of which the learning rate stays the same
 * @param prompts prompts of a super-batch
 * @param groupSize completions sampled for each prompt
 * @param sampling how they are sampled
 * @param keep completions of each prompt that are learnt, at most the group size
 * @param lengthPenalty taken off the reward for each e-fold of a completion's characters
 * @param batch completions of one optimizer step
 * @param kl the pull to the original model
 * @param inversePenalty coefficient of 1 / cross-entropy
 * @param reference stage that is the original model
 * @param optimizer how the weights are moved
 */
public record SuperHfStage(
    String name,
    String from,
    int steps,
    int prompts,
    int groupSize,
    SamplingSettings sampling,
    int keep,
    double lengthPenalty,
    int batch,
    Kl kl,
    double inversePenalty,
    String reference,
    OptimizerSettings optimizer)
    implements SampledStage {

  /**
   * The pull to the original model, over the whole vocabulary.
   *
   * @param coefficient weight of the divergence, per nat; 0 = none
   * @param direction which of the two models it is an expectation under
   * @param reduction how the divergences of an optimizer step's completions become one
   */
  public record Kl(double coefficient, Direction direction, Reduction reduction) {}

  /** Which of the two models the divergence is an expectation under. */
  public enum Direction {
    /** The original model, as published. */
    FORWARD,
    /** The policy. */
    REVERSE
  }

  /** How the divergences of an optimizer step's completions become one. */
  public enum Reduction {
    /** Their mean. */
    MEAN,
    /** Their sum, as published: the pull grows with the batch. */
    SUM
  }

  static SuperHfStage from(Checked c, String name, Lineage lineage) {
    String from = lineage.weights(c, "from");
    int groupSize = c.integer("group-size", 1, PolicyGradientStage.MAX_GROUP);
    int keep = c.integer("keep", 1, PolicyGradientStage.MAX_GROUP);
    if (c.isSound("keep", "group-size") && keep > groupSize) {
      c.clash("keep", "is above " + c.quote("group-size"), "lower it or sample more");
    }
    return new SuperHfStage(
        name,
        from,
        c.integer("steps", 0, SftStage.MAX_STEPS),
        c.integer("prompts", 1, SftStage.MAX_BATCH),
        groupSize,
        SamplingSettings.from(c.section("sampling"), lineage),
        keep,
        c.decimal("length-penalty", -1e6, 1e6),
        c.integer("batch", 1, SftStage.MAX_BATCH),
        kl(c.section("kl")),
        c.decimal("inverse-penalty", 0.0, 1e6),
        c.optional("reference", key -> lineage.weights(c, key)).orElse(from),
        OptimizerSettings.from(c.section("optimizer")));
  }

  private static Kl kl(Checked c) {
    return new Kl(
        c.decimal("coefficient", 0.0, 100.0),
        c.choice("direction", Direction.class),
        c.choice("reduction", Reduction.class));
  }

  @Override
  public String kind() {
    return "superhf";
  }

  @Override
  public boolean isRewarded() {
    return true;
  }

  @Override
  public int frozenModels() {
    return kl.coefficient() > 0 ? 1 : 0;
  }

  @Override
  public List<String> inputs() {
    return Stream.of(from, reference).distinct().toList();
  }
}
