package dev.troupe.runtime.settings;

/**
 * What a reward model reads of a completion.
 *
 * @param kind which part
 * @param after text behind which the answer begins; counts for {@link Kind#ANSWER} alone, like the
 *     rest
 * @param until text before which it ends; empty = it ends with the completion
 * @param strict whether a completion without these texts has no answer; otherwise all of it is one
 */
public record RewardView(Kind kind, String after, String until, boolean strict) {

  /** Which part of a completion. */
  public enum Kind {
    /** Every token that was sampled. */
    ALL,
    /** What follows the thoughts (RLMT). */
    ANSWER,
    /** All but the confidence that it states (PPO-C). */
    WITHOUT_CONFIDENCE
  }

  static RewardView from(Checked c) {
    Checked answer = c.section("answer");
    return new RewardView(
        c.choice("view", Kind.class),
        answer.text("after"),
        answer.optional("until", answer::text).orElse(""),
        answer.bool("strict"));
  }
}
