package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.advantage.GeneralizedAdvantage;
import dev.troupe.algorithms.rto.Granularity;
import dev.troupe.algorithms.rto.TokenLogps;
import dev.troupe.algorithms.rto.TokenReward;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import java.util.Map;

/** Token rewards of RTO, their variants, and the advantages made of them. */
final class RtoVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "rto";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "token_reward_clipped", RtoVectors::tokenReward,
        "token_reward_paper_no_clip", RtoVectors::tokenReward);
  }

  private static Map<String, Object> tokenReward(VectorCase vector, NDManager manager) {
    double[][] mask = vector.matrix("mask");
    double[][] value = Ragged.take(vector.matrix("value"), mask);
    double[] outcome = vector.vector("sequence_reward");
    TokenLogps[] logps = logps(vector, mask);
    double[][] shaping = new double[mask.length][];
    double[][] advantage = new double[mask.length][];
    double[][] returns = new double[mask.length][];
    double[][] reward = rewards(vector, Granularity.TOKEN, logps, outcome);
    double[][] delayed = rewards(vector, Granularity.SEQUENCE, logps, outcome);
    double[][] shapingOnly = rewards(vector, Granularity.SHAPING_ONLY, logps, outcome);
    var estimator = new GeneralizedAdvantage(vector.param("gamma"), vector.param("lambda"));
    for (int b = 0; b < mask.length; b++) {
      shaping[b] = Torch.widen(method(vector, Granularity.TOKEN).shaping(logps[b], null));
      var estimate = estimator.of(Torch.narrow(reward[b]), Torch.narrow(value[b]));
      advantage[b] = estimate.advantage();
      returns[b] = estimate.returns();
    }
    return Map.of(
        "dpo_shaping", Ragged.put(shaping, mask),
        "token_reward", Ragged.put(reward, mask),
        "advantage", Ragged.put(advantage, mask),
        "return", Ragged.put(returns, mask),
        "variant_delayed_all_on_last_token", Ragged.put(delayed, mask),
        "variant_shaping_only_total_restored", Ragged.put(shapingOnly, mask),
        "sum_token_reward", sums(reward),
        "sum_variant_shaping_only", sums(shapingOnly));
  }

  private static TokenReward method(VectorCase vector, Granularity granularity) {
    return new TokenReward(
        vector.param("beta1"),
        vector.param("beta2"),
        vector.param("beta3"),
        vector.param("dpo_reward_clip"),
        TokenReward.OUTCOME_CLIP,
        granularity);
  }

  private static double[][] rewards(
      VectorCase vector, Granularity granularity, TokenLogps[] logps, double[] outcome) {
    TokenReward method = method(vector, granularity);
    double[][] rewards = new double[logps.length][];
    for (int b = 0; b < logps.length; b++) {
      rewards[b] = Torch.widen(method.of(logps[b], outcome[b], null));
    }
    return rewards;
  }

  private static TokenLogps[] logps(VectorCase vector, double[][] mask) {
    float[][] policy = Torch.narrow(Ragged.take(vector.matrix("policy_logprob"), mask));
    float[][] reference = Torch.narrow(Ragged.take(vector.matrix("ref_logprob"), mask));
    float[][] dpo = Torch.narrow(Ragged.take(vector.matrix("dpo_logprob"), mask));
    TokenLogps[] logps = new TokenLogps[mask.length];
    for (int b = 0; b < mask.length; b++) {
      logps[b] = new TokenLogps(policy[b], reference[b], dpo[b], reference[b]);
    }
    return logps;
  }

  private static double[] sums(double[][] rows) {
    return Arrays.stream(rows).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
  }
}
