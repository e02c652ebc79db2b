package dev.troupe.actors.stage;

/**
 * What a step made of one completion, token by token, for the records. Arrays are not to be written
 * to.
 *
 * @param group index of its group in the step
 * @param row its index in the group
 * @param uses how often it was trained on, at least 1
 * @param worth the reward that was learnt from
 * @param policy log-probability of each token under the policy when it read it first, nats; null if
 *     it never did
 * @param tokenRewards what each token earned, the completion's worth on the last one
 * @param advantages what each token was trained with
 */
public record Credit(
    int group,
    int row,
    int uses,
    double worth,
    float[] policy,
    float[] tokenRewards,
    float[] advantages) {

  Credit again() {
    return new Credit(group, row, uses + 1, worth, policy, tokenRewards, advantages);
  }
}
