package dev.troupe.runtime.settings;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Learning from the scores of a reward model: how they become the reward of a completion.
 *
 * @param stage name of the earlier {@link RewardModel}
 * @param view what it reads of a completion
 * @param normalise whether its scores are taken in units of their deviation, less their mean
 * @param weights share of each score, adding up to 1
 * @param combine how several scores become one reward
 * @param constraint index of the score that is no part of the sum but a condition; -1 without
 * @param threshold what that score should reach
 * @param lambda price of a unit below it, at first
 * @param rate how fast the price follows the mean score
 * @param unparsed what a completion without an answer earns
 * @param confidence how a stated confidence changes the reward
 * @param recipeWeight factor of the recipe's own reward, which is added
 */
public record ModelRewardSettings(
    String stage,
    RewardView view,
    boolean normalise,
    List<Double> weights,
    Combine combine,
    int constraint,
    double threshold,
    double lambda,
    double rate,
    Unparsed unparsed,
    Confidence confidence,
    double recipeWeight) {
  private static final double SUM_TOLERANCE = 1e-6;

  /** How several scores become one reward (multi-objective GRPO, stage 2 and its options). */
  public enum Combine {
    /** The weighted sum, compared afterwards as any reward is. */
    SUM_THEN_NORMALISE,
    /** Each score compared within the group, then summed, then compared over the step. */
    NORMALISE_THEN_SUM,
    /** The sum of the others, less a fixed price for what the constraint lacks. */
    GATED,
    /** The same with a price that follows the mean of the constraint. */
    LAGRANGIAN
  }

  /** What a completion without an answer earns (RLMT, trap 4). */
  public enum Unparsed {
    /** What the model says of it. */
    SCORED,
    /** One less than the worst answer to the same prompt. */
    BELOW_GROUP,
    /** A fixed low reward. */
    FIXED
  }

  /**
   * How a stated confidence changes the reward (PPO-C).
   *
   * @param rule which rule, if any
   * @param weight strength of the change
   * @param averageRate share of a step in the running average that rewards are compared with
   * @param clip bound of rewards before and after
   */
  public record Confidence(Rule rule, double weight, double averageRate, double clip) {

    /** Which rule. */
    public enum Rule {
      /** Rewards stay as they are. */
      NONE,
      /** By the distance from the average. */
      DIFFERENCE,
      /** By the size of the reward, up or down. */
      THRESHOLD
    }

    static Confidence from(Checked c) {
      return new Confidence(
          c.choice("rule", Rule.class),
          c.decimal("weight", 0.0, 100.0),
          c.decimal("average-rate", 0.0, 1.0),
          c.decimal("clip", 1e-3, 1e6));
    }
  }

  /** Copies the list. */
  public ModelRewardSettings {
    weights = List.copyOf(weights);
  }

  static ModelRewardSettings from(Checked c, Lineage lineage) {
    String stage = lineage.stage(c, "stage", RewardModel.class);
    Optional<RewardModel> model = lineage.find(stage, RewardModel.class);
    Combine combine = c.choice("combine", Combine.class);
    boolean hasConstraint = combine == Combine.GATED || combine == Combine.LAGRANGIAN;
    int constraint = -1;
    double threshold = 0;
    if (hasConstraint) {
      constraint = constraint(c, model);
      threshold = c.decimal("threshold", -1e6, 1e6);
    } else if (combine != null) {
      c.refuseBeside("constraint", "combine");
      c.refuseBeside("threshold", "combine");
    }
    RewardView view = view(c, model);
    Unparsed unparsed = c.choice("unparsed", Unparsed.class);
    if (unparsed != null && unparsed != Unparsed.SCORED && view.kind() != RewardView.Kind.ANSWER) {
      c.clash("unparsed", "has no effect unless only answers are read", "choose view = answer");
    }
    Checked stated = c.section("confidence");
    Confidence confidence = Confidence.from(stated);
    if (stated.isSound("rule")
        && confidence.rule() != Confidence.Rule.NONE
        && view.kind() != RewardView.Kind.WITHOUT_CONFIDENCE) {
      stated.clash(
          "rule",
          "corrects a reward that the stated confidence has moved already",
          "choose reward-model.view = without-confidence");
    }
    return new ModelRewardSettings(
        stage,
        view,
        c.bool("normalise"),
        weights(c, model),
        combine,
        constraint,
        threshold,
        c.decimal("lambda", 0.0, 1e6),
        c.decimal("rate", 0.0, 1e6),
        unparsed,
        confidence,
        c.decimal("recipe-weight", 0.0, 1e6));
  }

  private static int constraint(Checked c, Optional<RewardModel> model) {
    if (model.isEmpty()) {
      c.has("constraint"); // Which names it may have is not known.
      return -1;
    }
    List<String> names = model.get().scores();
    String name = c.oneOf("constraint", names);
    if (c.isSound("constraint") && names.size() < 2) {
      c.refuse("constraint", "is the only score", "choose combine = sum-then-normalise");
    }
    return names.indexOf(name);
  }

  private static List<Double> weights(Checked c, Optional<RewardModel> model) {
    int scores = model.map(it -> it.scores().size()).orElse(1);
    List<Double> equal = Collections.nCopies(scores, 1.0 / scores);
    List<Double> weights = c.optional("weights", key -> c.decimals(key, 0.0, 1.0)).orElse(equal);
    if (model.isPresent() && c.isSound("weights") && weights.size() != scores) {
      c.refuse(
          "weights",
          "has not one number for each score",
          "the scores are " + String.join(", ", model.get().scores()));
    }
    double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
    if (c.isSound("weights") && Math.abs(sum - 1) > SUM_TOLERANCE) {
      c.refuse("weights", "adds up to " + sum, "the shares must add up to 1");
    }
    return weights;
  }

  /** What is not said here is as the model was taught. */
  private static RewardView view(Checked c, Optional<RewardModel> model) {
    RewardView taught =
        model.map(RewardModel::view).orElse(new RewardView(RewardView.Kind.ALL, "-", "", false));
    RewardView.Kind kind =
        c.optional("view", key -> c.choice(key, RewardView.Kind.class)).orElse(taught.kind());
    if (!c.has("answer")) {
      return new RewardView(kind, taught.after(), taught.until(), taught.strict());
    }
    Checked answer = c.section("answer");
    return new RewardView(
        kind,
        answer.optional("after", answer::text).orElse(taught.after()),
        answer.optional("until", answer::text).orElse(taught.until()),
        answer.optional("strict", answer::bool).orElse(taught.strict()));
  }
}
