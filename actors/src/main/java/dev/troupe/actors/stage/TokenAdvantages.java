package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.rto.Granularity;
import dev.troupe.algorithms.rto.GroupShapedAdvantage;
import dev.troupe.algorithms.rto.TokenLogps;
import dev.troupe.algorithms.rto.TokenReward;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** How the rewards of a group become an advantage of each token. */
final class TokenAdvantages {
  private final GroupAdvantage outcome;
  private final TokenReward shaping;
  private final Tokenizer tokenizer;

  private TokenAdvantages(GroupAdvantage outcome, TokenReward shaping, Tokenizer tokenizer) {
    this.outcome = outcome;
    this.shaping = shaping;
    this.tokenizer = tokenizer;
  }

  /** The advantage of a completion for all its tokens: GRPO. */
  static TokenAdvantages of(GroupAdvantage outcome) {
    return new TokenAdvantages(outcome, null, null);
  }

  /**
   * The same with dense token rewards: RTO.
   *
   * @param tokenizer tells where sentences end
   */
  static TokenAdvantages shaped(GroupAdvantage outcome, TokenReward shaping, Tokenizer tokenizer) {
    return new TokenAdvantages(outcome, shaping, tokenizer);
  }

  boolean isShaped() {
    return shaping != null;
  }

  /** Advantages and token rewards of the rows of one group. */
  record Rows(List<float[]> advantages, double shaping) {}

  /**
   * @param rows which rollouts of the group take part, at least 2
   * @param rewards their rewards, in the same order
   */
  Rows of(ScoredGroup group, int[] rows, double[] rewards) {
    return shaping == null ? plain(group, rows, rewards) : shaped(group, rows, rewards);
  }

  private Rows plain(ScoredGroup group, int[] rows, double[] rewards) {
    double[] advantage = outcome.of(rewards);
    float[][] tokens = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      tokens[i] = new float[group.group().rollouts().get(rows[i]).length()];
      Arrays.fill(tokens[i], (float) advantage[i]);
    }
    return new Rows(List.of(tokens), 0);
  }

  private Rows shaped(ScoredGroup group, int[] rows, double[] rewards) {
    float[][] tokenRewards = new float[rows.length][];
    double total = 0;
    for (int i = 0; i < rows.length; i++) {
      int row = rows[i];
      Rollout rollout = group.group().rollouts().get(row);
      var logps =
          new TokenLogps(
              rollout.logps(),
              null,
              group.reference().shaping().get(row),
              group.reference().shapingBase().get(row));
      boolean[] ends =
          shaping.granularity() == Granularity.SENTENCE ? endsSentence(rollout.tokens()) : null;
      tokenRewards[i] = shaping.shaping(logps, ends);
      for (float reward : tokenRewards[i]) {
        total += reward;
      }
    }
    double[][] advantage = new GroupShapedAdvantage(outcome, 1).of(rewards, tokenRewards);
    float[][] tokens = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      tokens[i] = new float[advantage[i].length];
      for (int t = 0; t < tokens[i].length; t++) {
        tokens[i][t] = (float) advantage[i][t];
      }
    }
    return new Rows(List.of(tokens), total);
  }

  private boolean[] endsSentence(int[] tokens) {
    boolean[] ends = new boolean[tokens.length];
    for (int t = 0; t < tokens.length; t++) {
      String text = new String(tokenizer.bytes(tokens[t]), StandardCharsets.UTF_8).stripTrailing();
      ends[t] = text.endsWith(".") || text.endsWith("!") || text.endsWith("?");
    }
    return ends;
  }
}
