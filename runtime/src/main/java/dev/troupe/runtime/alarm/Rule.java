package dev.troupe.runtime.alarm;

import static dev.troupe.runtime.record.ReadableNumbers.number;
import static dev.troupe.runtime.record.ReadableNumbers.percent;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StepMetrics;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What is watched. A rule compares the mean over the newest {@link Alarms#WINDOW} steps of a stage
 * with fixed thresholds or with the mean over its first ones; single steps are too noisy.
 */
public enum Rule {
  /** The loss or the gradient is no number any more. */
  NOT_FINITE(
      "numbers that are none",
      "A step was too large or a sum overflowed. Go back to a checkpoint before it, with a lower"
          + " learning rate or fp32.") {
    @Override
    Optional<String> check(StepMetrics step, Window first, Window newest) {
      for (Metric metric : new Metric[] {Metric.LOSS, Metric.GRADIENT_NORM}) {
        OptionalDouble value = step.value(metric);
        if (value.isPresent() && !Double.isFinite(value.getAsDouble())) {
          return Optional.of(
              "The %s is %s.".formatted(metric.label(), number(value.getAsDouble())));
        }
      }
      return Optional.empty();
    }
  },

  /**
   * The policy has hardly a choice left. A policy that starts at 0.5 nats/token and falls under a
   * tenth of that samples groups that are nearly copies.
   */
  ENTROPY_COLLAPSE(
      "entropy collapse",
      "Completions become alike, so that groups teach nothing new. Normal when the reward is at its"
          + " ceiling; otherwise lower the learning rate, add an entropy term or a pull to the"
          + " reference, or raise the temperature.") {
    @Override
    Optional<String> check(StepMetrics step, Window first, Window newest) {
      if (newest.mean(Metric.REWARD_MEAN).isEmpty()) {
        return Optional.empty(); // Demonstrations are meant to lower it.
      }
      return fallen(Metric.ENTROPY, first, newest, ENTROPY_LEFT);
    }
  },

  /** Nearly every group has one reward for all its completions: the advantages are zero. */
  GROUP_COLLAPSE(
      "groups without difference",
      "Prompts are too hard or too easy for the policy. Choose others, sample larger groups, give a"
          + " graded reward, or drop such groups (dynamic sampling).") {
    @Override
    Optional<String> check(StepMetrics step, Window first, Window newest) {
      OptionalDouble uniform = newest.mean("groups/uniform");
      if (uniform.isEmpty() || uniform.getAsDouble() <= UNIFORM_GROUPS) {
        return Optional.empty();
      }
      return Optional.of(
          "In %s of the groups all completions have the same reward; the mean reward is %s."
              .formatted(
                  percent(uniform.getAsDouble()),
                  number(newest.mean(Metric.REWARD_MEAN).orElse(Double.NaN))));
    }
  },

  /**
   * The policy leaves the reference. Aligned models are usually within some tenths of a nat per
   * token; beyond half a nat the reference holds nothing back.
   */
  KL_RUNAWAY(
      "KL runaway",
      "The policy earns reward by leaving the texts that the reference knows. Raise the KL"
          + " coefficient or lower the learning rate, and read samples: this is how rewards are"
          + " gamed.") {
    @Override
    Optional<String> check(StepMetrics step, Window first, Window newest) {
      return above(Metric.KL_REFERENCE, newest, KL_NATS);
    }
  },

  /**
   * The trained policy leaves the one that sampled within a step. Implementations of PPO stop early
   * at 0.01 to 0.05.
   */
  STEP_TOO_LARGE(
      "steps too large",
      "Importance ratios stop being a correction. Lower the learning rate, the number of epochs or"
          + " the staleness.") {
    @Override
    Optional<String> check(StepMetrics step, Window first, Window newest) {
      return above(Metric.KL_BEHAVIOUR, newest, KL_BEHAVIOUR_NATS);
    }
  },

  /** Completions are much longer or shorter than at the beginning. */
  LENGTH_DRIFT(
      "length drift",
      "Length may be earning reward by itself. Look at samples, normalise the loss by tokens, or"
          + " add a length component to the reward.") {
    @Override
    Optional<String> check(StepMetrics step, Window first, Window newest) {
      OptionalDouble then = first.mean(Metric.LENGTH_MEAN);
      OptionalDouble now = newest.mean(Metric.LENGTH_MEAN);
      if (then.isEmpty() || now.isEmpty() || then.getAsDouble() <= 0) {
        return Optional.empty();
      }
      double ratio = now.getAsDouble() / then.getAsDouble();
      return ratio > LENGTH_FACTOR || ratio < 1 / LENGTH_FACTOR
          ? Optional.of(
              "The mean length went from %s to %s tokens."
                  .formatted(number(then.getAsDouble()), number(now.getAsDouble())))
          : Optional.empty();
    }
  },

  /** Most completions are cut at the length limit. */
  CUT_COMPLETIONS(
      "cut completions",
      "What is cut is judged unfinished. Raise sampling.max-tokens, or find out why the model does"
          + " not stop.") {
    @Override
    Optional<String> check(StepMetrics step, Window first, Window newest) {
      OptionalDouble cut = newest.mean(Metric.LENGTH_CUT);
      return cut.isPresent() && cut.getAsDouble() > CUT_SHARE
          ? Optional.of(
              "%s of the completions end at the length limit."
                  .formatted(percent(cut.getAsDouble())))
          : Optional.empty();
    }
  },

  /**
   * Generator and learner compute different probabilities for the same token. Single precision
   * leaves about 1e-6, bfloat16 about 1e-2; more is a fault.
   */
  MISMATCH(
      "generator and learner disagree",
      "Gradients are taken at another policy than the one that sampled. Look at the precision, the"
          + " weights version and the sampling settings of the generator.") {
    @Override
    Optional<String> check(StepMetrics step, Window first, Window newest) {
      OptionalDouble mismatch = newest.mean("mismatch/mean");
      return mismatch.isPresent() && mismatch.getAsDouble() > MISMATCH_NATS
          ? Optional.of(
              "Their log-probabilities of a token differ by %s nats on average."
                  .formatted(number(mismatch.getAsDouble())))
          : Optional.empty();
    }
  },

  /** Rewards could not be computed. */
  FAILED_SCORINGS(
      "failed scorings",
      "Failures are left out, which favours what is easy to score. The log of the run has the"
          + " causes.") {
    @Override
    Optional<String> check(StepMetrics step, Window first, Window newest) {
      double failed = newest.sum(Metric.REWARD_FAILED);
      return failed > 0
          ? Optional.of(
              "%s completions of the newest %d steps got no reward."
                  .formatted(number(failed), Alarms.WINDOW))
          : Optional.empty();
    }
  };

  /** Share of the first entropy under which it counts as collapsed. */
  static final double ENTROPY_LEFT = 0.1;

  /** Share of groups without difference above which a step teaches next to nothing. */
  static final double UNIFORM_GROUPS = 0.95;

  /** Divergence from the reference, nats per token. */
  static final double KL_NATS = 0.5;

  /** Divergence from the sampling policy, nats per token. */
  static final double KL_BEHAVIOUR_NATS = 0.1;

  /** Growth or shrinkage of the mean length. */
  static final double LENGTH_FACTOR = 2;

  /** Share of completions that end at the limit. */
  static final double CUT_SHARE = 0.5;

  /** Mean absolute difference of log-probabilities. */
  static final double MISMATCH_NATS = 0.05;

  private final String title;
  private final String advice;

  Rule(String title, String advice) {
    this.title = title;
    this.advice = advice;
  }

  /** A few words for a heading. */
  public String title() {
    return title;
  }

  /** What it may come from and what helps. */
  public String advice() {
    return advice;
  }

  /**
   * Looks at one moment of a stage.
   *
   * @param step the newest step
   * @param first the first steps of the stage
   * @param newest the newest steps, the step included
   * @return what is wrong, or empty
   */
  abstract Optional<String> check(StepMetrics step, Window first, Window newest);

  private static Optional<String> above(Metric metric, Window newest, double threshold) {
    OptionalDouble value = newest.mean(metric);
    return value.isPresent() && value.getAsDouble() > threshold
        ? Optional.of(
            "The %s is %s %s, above %s."
                .formatted(
                    metric.label(), number(value.getAsDouble()), metric.unit(), number(threshold)))
        : Optional.empty();
  }

  private static Optional<String> fallen(Metric metric, Window first, Window newest, double share) {
    OptionalDouble then = first.mean(metric);
    OptionalDouble now = newest.mean(metric);
    return then.isPresent() && now.isPresent() && now.getAsDouble() < share * then.getAsDouble()
        ? Optional.of(
            "The %s fell from %s to %s %s."
                .formatted(
                    metric.label(),
                    number(then.getAsDouble()),
                    number(now.getAsDouble()),
                    metric.unit()))
        : Optional.empty();
  }
}
