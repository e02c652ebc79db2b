package dev.troupe.algorithms.dapo;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Dynamic sampling (DAPO, Yu et al. 2025, section 3.2): groups whose responses are all right or all
 * wrong have no advantage, so they are discarded and more prompts are sampled until the batch is
 * full.
 *
 * <p>It moves the prompts of training toward medium difficulty. The mean reward of what was kept is
 * therefore no measure of the policy; that of everything sampled is {@link Selection#meanReward}.
 *
 * @param groups groups of a full batch, at least 1
 * @param maxRounds how often more prompts may be sampled for one batch, 0 or more; then the batch
 *     stays short
 * @param minRange groups whose largest and smallest reward differ by this or less are discarded, 0
 *     or more, in units of the reward; 0 discards constant groups only, and 1e-6 also those that
 *     differ by rounding
 */
public record DynamicSampling(int groups, int maxRounds, double minRange) {
  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public DynamicSampling {
    List<String> problems = new ArrayList<>();
    if (groups < 1) {
      problems.add("groups is " + groups + ", expected at least 1");
    }
    if (maxRounds < 0) {
      problems.add("maxRounds is " + maxRounds + ", expected 0 or more");
    }
    if (!(minRange >= 0 && minRange < Double.POSITIVE_INFINITY)) {
      problems.add("minRange is " + minRange + ", expected 0 or more");
    }
    Require.none("dynamic sampling", problems);
  }

  /**
   * What is kept of the groups sampled so far.
   *
   * @param kept indices of the groups of the batch, ascending
   * @param informative groups that differ enough, kept or not
   * @param meanReward mean reward of all responses sampled, also of discarded groups; 0 without any
   */
  public record Selection(List<Integer> kept, int informative, double meanReward) {
    /** Copies the indices. */
    public Selection {
      kept = List.copyOf(kept);
    }
  }

  /**
   * Whether a group carries a signal.
   *
   * @param rewards reward of each response to one prompt
   * @return true if they differ by more than {@code minRange}; a group of one has nothing to differ
   *     from
   * @throws IllegalArgumentException if the group is empty or a reward is not finite
   */
  public boolean isInformative(double[] rewards) {
    return !GroupAdvantage.isConstant(rewards)
        && Arrays.stream(rewards).max().orElseThrow() - Arrays.stream(rewards).min().orElseThrow()
            > minRange;
  }

  /**
   * Selects the groups of the batch: the first that are informative, at most {@code groups}.
   *
   * @param groupRewards rewards of each group sampled for this batch, in the order of sampling
   * @return the selection
   * @throws IllegalArgumentException if a group is empty or a reward is not finite
   */
  public Selection select(List<double[]> groupRewards) {
    List<Integer> kept = new ArrayList<>();
    int informative = 0;
    double sum = 0;
    long responses = 0;
    for (int g = 0; g < groupRewards.size(); g++) {
      double[] rewards = groupRewards.get(g);
      if (isInformative(rewards)) {
        informative++;
        if (kept.size() < groups) {
          kept.add(g);
        }
      }
      sum += Arrays.stream(rewards).sum();
      responses += rewards.length;
    }
    return new Selection(kept, informative, responses == 0 ? 0 : sum / responses);
  }

  /**
   * Whether more prompts should be sampled.
   *
   * @param selection what there is
   * @param rounds how often more prompts were already sampled for this batch
   * @return false if the batch is full, or stays short because the rounds are used up
   */
  public boolean wantsMore(Selection selection, int rounds) {
    return selection.kept().size() < groups && rounds < maxRounds;
  }
}
