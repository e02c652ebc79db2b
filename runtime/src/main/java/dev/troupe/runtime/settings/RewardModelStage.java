package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValueFactory;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Training of a reward model: a decoder with a score head learns what graded rewards say of
 * completions that a frozen policy samples.
 *
 * @param name name of the stage
 * @param from stage whose weights it starts with, or {@code model}; a score head that fits is kept
 * @param policy stage that samples the completions, or {@code model}
 * @param steps optimizer steps
 * @param measureSteps steps after these that train nothing: on their completions the model is
 *     measured, and the mean and the deviation of its scores are found
 * @param prompts prompts of one step
 * @param groupSize completions sampled for each prompt, at least 2; of a row of the stage's own
 *     data at most, 1 with labels
 * @param sampling how they are sampled
 * @param objective what is learnt of them
 * @param judge graded rewards: what ranks the completions, or the labels of a regression; empty if
 *     the stage's own data says it
 * @param scores what the outputs of the head are called
 * @param pairs which completions of a prompt are compared
 * @param margin whether rewards should differ by as much as the graded ones
 * @param centring weight of the term that keeps the mean of a pair's scores near 0
 * @param probabilityOffset added to the probability of a preference before its logarithm is taken
 * @param head how outputs become scores
 * @param comparison which of the texts with stated confidences are compared
 * @param view what is read of a completion
 * @param optimizer how the weights are moved
 */
public record RewardModelStage(
    String name,
    String from,
    String policy,
    int steps,
    int measureSteps,
    int prompts,
    int groupSize,
    SamplingSettings sampling,
    Objective objective,
    List<Config> judge,
    List<String> scores,
    Pairs pairs,
    boolean margin,
    double centring,
    double probabilityOffset,
    Head head,
    Comparison comparison,
    RewardView view,
    OptimizerSettings optimizer)
    implements JudgedStage, RewardModel {
  private static final String PREFERENCE = "preference";
  private static final String LABELS = "labels";
  private static final int MAX_MEASURE_STEPS = 10_000;

  /** What is learnt. */
  public enum Objective {
    /** Which of two completions is better (Bradley and Terry 1952). */
    BRADLEY_TERRY,
    /** The value of each label (multi-objective GRPO, stage 1). */
    REGRESSION,
    /** Whether a stated confidence is deserved (PPO-M). */
    CALIBRATED
  }

  /** Which completions of a prompt are compared. */
  public enum Pairs {
    /** The best with the worst one. */
    BEST_WORST,
    /** Every two whose rewards differ. */
    ALL
  }

  /** How the outputs of the head become scores. */
  public enum Head {
    /** They are the scores. */
    LINEAR,
    /** By the logistic function, for labels in [0, 1]. */
    SIGMOID
  }

  /** Which of the texts with stated confidences are compared. */
  public enum Comparison {
    /** Those of one completion: PPO-M as published. */
    PAIRS,
    /** Also the better with the worse completion, without a confidence. */
    COMBINED,
    /** All four, as one ranking. */
    K_WISE
  }

  /** Copies the lists. */
  public RewardModelStage {
    judge = List.copyOf(judge);
    scores = List.copyOf(scores);
  }

  static RewardModelStage from(Checked c, String name, Lineage lineage) {
    String from = lineage.weights(c, "from");
    Objective objective = c.choice("objective", Objective.class);
    boolean regresses = objective == Objective.REGRESSION;
    if (objective != null) {
      c.refuseBeside(regresses ? PREFERENCE : LABELS, "objective");
    }
    boolean reads = c.has("data");
    if (reads) {
      List.of(PREFERENCE, LABELS, "policy", "sampling").forEach(c::refuseBesideData);
    }
    List<Config> judge =
        reads ? List.of() : regresses ? labels(c) : RunSettings.rewards(c, PREFERENCE);
    return new RewardModelStage(
        name,
        from,
        c.optional("policy", key -> lineage.weights(c, key)).orElse(from),
        c.integer("steps", 0, SftStage.MAX_STEPS),
        c.integer("measure-steps", 1, MAX_MEASURE_STEPS),
        c.integer("prompts", 1, SftStage.MAX_BATCH),
        groupSize(c, reads, regresses),
        reads ? SamplingSettings.NONE : SamplingSettings.from(c.section("sampling"), lineage),
        objective,
        judge,
        regresses ? scores(c, reads, judge) : List.of("reward"),
        c.choice("pairs", Pairs.class),
        c.bool("margin"),
        c.decimal("centring", 0.0, 100.0),
        offset(c, objective),
        c.choice("head", Head.class),
        c.choice("comparison", Comparison.class),
        RewardView.from(c),
        OptimizerSettings.from(c.section("optimizer")));
  }

  private static int groupSize(Checked c, boolean reads, boolean regresses) {
    if (reads && regresses) {
      c.refuseBesideData("group-size");
      return 1;
    }
    return reads
        ? Comparisons.groupSize(c)
        : c.integer("group-size", 2, PolicyGradientStage.MAX_GROUP);
  }

  /** The names of the labels: those of the rewards, or columns of the data. */
  private static List<String> scores(Checked c, boolean reads, List<Config> judge) {
    return reads && c.opaque("data").root().get("labels") instanceof ConfigList names
        ? names.unwrapped().stream().map(String::valueOf).toList()
        : judge.stream().map(RewardModelStage::label).toList();
  }

  /** Only the likelihood of a preference has a probability to add to. */
  private static double offset(Checked c, Objective objective) {
    double offset = c.decimal("probability-offset", 0.0, 0.1);
    if (objective != null
        && objective != Objective.BRADLEY_TERRY
        && c.isSound("probability-offset")
        && offset > 0) {
      c.refuseBeside("probability-offset", "objective");
    }
    return offset;
  }

  /** Rewards whose values are labels: each for itself, so that none has a weight. */
  private static List<Config> labels(Checked c) {
    List<Checked> sections = c.sections(LABELS);
    if (c.isSound(LABELS) && sections.isEmpty()) {
      c.refuse(LABELS, "holds no reward", "write at least one { kind = ... }");
    }
    for (Checked section : sections) {
      section.text("kind");
      if (section.has("weight")) {
        section.refuse(
            "weight", "weighs nothing", "write weights where scores are used, and none here");
      }
      section.ignoreRest();
    }
    List<Config> labels = c.isSound(LABELS) ? c.opaqueList(LABELS) : List.of();
    List<String> names = labels.stream().map(RewardModelStage::label).toList();
    IntStream.range(0, names.size())
        .filter(i -> names.indexOf(names.get(i)) < i)
        .forEach(
            i ->
                sections
                    .get(i)
                    .refuse(
                        labels.get(i).hasPath("name") ? "name" : "kind",
                        "names a second label " + names.get(i),
                        "give each a name of its own"));
    return labels.stream()
        .map(label -> label.withValue("weight", ConfigValueFactory.fromAnyRef(1)))
        .toList();
  }

  private static String label(Config reward) {
    String key = reward.hasPath("name") ? "name" : "kind";
    return reward.hasPath(key) ? reward.getString(key) : "";
  }

  @Override
  public String kind() {
    return "reward-model";
  }

  @Override
  public String judgeKey() {
    return objective == Objective.REGRESSION ? LABELS : PREFERENCE;
  }

  @Override
  public List<String> inputs() {
    return Stream.of(from, policy).distinct().toList();
  }
}
