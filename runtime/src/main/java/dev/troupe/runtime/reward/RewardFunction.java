package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;

/**
 * Scores one completion of one example. Implementations are called by several threads at once and
 * give the same score for the same arguments.
 */
public interface RewardFunction {
  /** The scoring alone, for a lambda. */
  @FunctionalInterface
  interface Scorer {
    /** See {@link RewardFunction#score}. */
    double score(Example example, String completion) throws Exception;
  }

  /**
   * A reward from a lambda, which is called by several threads at once.
   *
   * @param name in kebab-case
   */
  static RewardFunction of(String name, Scorer scorer) {
    return new RewardFunction() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public double score(Example example, String completion) throws Exception {
        return scorer.score(example, completion);
      }
    };
  }

  /** What the score is called in metrics and records, in kebab-case. */
  String name();

  /**
   * The score of a completion, higher is better.
   *
   * @param completion what the model wrote behind the prompt, without special tokens
   * @return a finite number
   * @throws Exception if there is no score; the message becomes the reason of a {@link
   *     Outcome.Failed}. Never return a number in place of a failure.
   */
  double score(Example example, String completion) throws Exception;

  /**
   * The score of an attempt, of which there is more to see than the text: implement this one for a
   * reward that looks at several turns. Otherwise the text of the last turn is scored.
   *
   * @return a finite number
   * @throws Exception as for {@link #score(Example, String)}
   */
  default double score(Example example, Attempt attempt) throws Exception {
    return score(example, attempt.text());
  }

  /**
   * Whether the score is a verdict: 1 for right, 0 for wrong, and nothing between or beyond.
   * Held-out prompts are then measured by their accuracy, otherwise by their mean reward.
   */
  default boolean isVerifiable() {
    return false;
  }
}
