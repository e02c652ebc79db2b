package dev.troupe.runtime.record;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A quantity that steps record, with what a reader needs to understand its numbers.
 *
 * @param name the key in {@code metrics.jsonl} and the tag in TensorBoard
 * @param label a few words for headings and axes
 * @param unit the unit of its values, empty for a plain number
 * @param meaning exactly what is recorded, in one sentence without a full stop; empty if unknown
 */
public record Metric(String name, String label, String unit, String meaning) {
  public static final Metric REWARD_MEAN =
      new Metric("reward/mean", "reward", "", "mean total reward of the step's scored completions");
  public static final Metric REWARD_STD =
      new Metric(
          "reward/std",
          "reward spread",
          "",
          "standard deviation of the total reward over the step's scored completions");
  public static final Metric REWARD_FAILED =
      new Metric(
          "reward/failed",
          "failed scorings",
          "",
          "completions without a reward because the scoring failed; they are in no other metric");
  public static final Metric KL_REFERENCE =
      new Metric(
          "kl/reference",
          "KL to the reference",
          "nats/token",
          "estimated divergence of the policy from the reference, mean over response tokens");
  public static final Metric KL_BEHAVIOUR =
      new Metric(
          "kl/behaviour",
          "KL to the sampling policy",
          "nats/token",
          "estimated divergence of the trained policy from the one that sampled, mean over tokens");
  public static final Metric ENTROPY =
      new Metric(
          "entropy",
          "entropy",
          "nats/token",
          "entropy of the policy's next-token distribution, mean over response tokens");
  public static final Metric LENGTH_MEAN =
      new Metric(
          "length/mean",
          "completion length",
          "tokens",
          "mean length of the step's completions, stop token included");
  public static final Metric LENGTH_CUT =
      new Metric(
          "length/cut",
          "cut completions",
          "share",
          "share of completions that ended at the length limit instead of stopping");
  public static final Metric LOSS =
      new Metric("loss", "loss", "", "the training loss as it was differentiated");
  public static final Metric LOSS_VALUE =
      new Metric("loss/value", "value loss", "", "the loss of the value head, before its weight");
  public static final Metric RATIO_CLIPPED =
      new Metric(
          "ratio/clipped",
          "clipped tokens",
          "share",
          "share of response tokens whose probability ratio was clipped");
  public static final Metric PREFERENCE_ACCURACY =
      new Metric(
          "preference/accuracy",
          "preference accuracy",
          "share",
          "share of pairs in which the chosen answer has the higher implicit reward");
  public static final Metric PREFERENCE_MARGIN =
      new Metric(
          "preference/margin",
          "preference margin",
          "nats",
          "mean difference of the implicit rewards of chosen and rejected answers");
  public static final Metric REWARD_MODEL_ACCURACY =
      new Metric(
          "reward-model/accuracy",
          "pairs in order",
          "share",
          "share of the step's pairs to which the reward model gave scores in the right order");
  public static final Metric EVAL_ACCURACY =
      new Metric(
          "eval/accuracy",
          "held-out accuracy",
          "share",
          "share of held-out prompts answered correctly");
  public static final Metric GRADIENT_NORM =
      new Metric(
          "gradient-norm",
          "gradient norm",
          "",
          "Euclidean norm of the whole gradient before clipping");
  public static final Metric LEARNING_RATE =
      new Metric("learning-rate", "learning rate", "", "the rate that the optimizer applied");
  public static final Metric STALENESS_MEAN =
      new Metric(
          "staleness/mean",
          "age of tokens",
          "versions",
          "mean over the step's tokens of how many versions before the trained one sampled them;"
              + " recorded with pacing = newest");
  public static final Metric STALENESS_MIXED =
      new Metric(
          "staleness/mixed-rollouts",
          "mixed completions",
          "share",
          "share of completions that more than one policy version sampled");
  public static final Metric TOKENS_GENERATED =
      new Metric("tokens/generated", "generated tokens", "tokens", "tokens sampled in the step");
  public static final Metric TOKENS_TRAINED =
      new Metric(
          "tokens/trained", "trained tokens", "tokens", "response tokens that entered the loss");
  public static final Metric TIME_GENERATE =
      new Metric(
          "time/generate-seconds", "generation time", "s", "wall time of sampling completions");
  public static final Metric TIME_SCORE =
      new Metric("time/score-seconds", "scoring time", "s", "wall time of the reward functions");
  public static final Metric TIME_REFERENCE =
      new Metric(
          "time/reference-seconds", "reference time", "s", "wall time of the reference model");
  public static final Metric TIME_TRAIN =
      new Metric(
          "time/train-seconds",
          "training time",
          "s",
          "wall time of forward, backward and optimizer");
  public static final Metric TIME_TENSOR =
      new Metric(
          "time/tensor-seconds",
          "tensor time",
          "s",
          "time that the device was busy for the whole company since the last step");

  private static final List<Metric> KNOWN =
      List.of(
          REWARD_MEAN,
          REWARD_STD,
          REWARD_FAILED,
          KL_REFERENCE,
          KL_BEHAVIOUR,
          ENTROPY,
          LENGTH_MEAN,
          LENGTH_CUT,
          LOSS,
          LOSS_VALUE,
          RATIO_CLIPPED,
          PREFERENCE_ACCURACY,
          PREFERENCE_MARGIN,
          REWARD_MODEL_ACCURACY,
          EVAL_ACCURACY,
          GRADIENT_NORM,
          LEARNING_RATE,
          STALENESS_MEAN,
          STALENESS_MIXED,
          TOKENS_GENERATED,
          TOKENS_TRAINED,
          TIME_GENERATE,
          TIME_SCORE,
          TIME_REFERENCE,
          TIME_TRAIN,
          TIME_TENSOR);
  private static final Map<String, Metric> BY_NAME =
      KNOWN.stream().collect(Collectors.toUnmodifiableMap(Metric::name, Function.identity()));

  /** Every metric known by name, in the order in which people want to see them. */
  public static List<Metric> known() {
    return KNOWN;
  }

  /** The known metric of this name, or one whose label is the name and whose meaning is empty. */
  public static Metric named(String name) {
    Metric known = BY_NAME.get(name);
    return known != null ? known : new Metric(name, name, "", "");
  }
}
