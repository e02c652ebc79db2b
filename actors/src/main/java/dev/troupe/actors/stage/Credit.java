package dev.troupe.actors.stage;

import dev.troupe.runtime.rollout.RolloutRow.Lesson;

/**
 * What a step made of one completion, for the records. Arrays hold a number a token and are not to
 * be written to; null where the method has no such thing.
 *
 * @param group index of its group in the step
 * @param row its index in the group
 * @param uses how often it was trained on, at least 1
 * @param worth the reward that was learnt from; null if only a comparison was
 * @param policy log-probability of each token under the policy when it read it first, nats; null if
 *     it never did
 * @param reference the same under a reference that the step read itself
 * @param tokenRewards what each token earned, the completion's worth on the last one
 * @param advantages what each token was trained with
 * @param lesson what it was to a method that has no advantages
 */
public record Credit(
    int group,
    int row,
    int uses,
    Double worth,
    float[] policy,
    float[] reference,
    float[] tokenRewards,
    float[] advantages,
    Lesson lesson) {

  /** A completion of a policy gradient. */
  static Credit ofAdvantages(
      int group, int row, double worth, float[] policy, float[] tokenRewards, float[] advantages) {
    return new Credit(group, row, 1, worth, policy, null, tokenRewards, advantages, null);
  }

  /** A completion whose sequence was in the loss. */
  static Credit ofLesson(int group, int row, ReadTokens.Tokens read, Lesson lesson) {
    return new Credit(group, row, 1, null, read.policy(), read.reference(), null, null, lesson);
  }

  Credit again() {
    return new Credit(
        group, row, uses + 1, worth, policy, reference, tokenRewards, advantages, lesson);
  }
}
