package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.filtration.Determination;
import dev.troupe.algorithms.filtration.PowerFilter;
import dev.troupe.algorithms.filtration.RankFilter;
import dev.troupe.algorithms.filtration.RankWeights;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Filters by rank, and the coefficient of determination. */
final class FiltrationVectors implements VectorFamily {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
  private static final Pattern POWER = Pattern.compile("weighted_abs_reward_pow_(.+)");

  @Override
  public String algorithm() {
    return "policy-filtration-ppo";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "rank_weights_one_prompt", FiltrationVectors::weights,
        "all_rewards_equal", FiltrationVectors::weights,
        "coefficient_of_determination", FiltrationVectors::determination);
  }

  private static Map<String, Object> weights(VectorCase vector, NDManager manager) {
    double[] rewards = vector.vector("rewards");
    Map<String, Object> powers = new HashMap<>();
    vector
        .expected()
        .path("w_pow")
        .fieldNames()
        .forEachRemaining(
            k -> powers.put(k, new PowerFilter(Double.parseDouble(k)).weights(rewards)));
    Map<String, Object> results = new HashMap<>();
    results.put("order_best_first", RankFilter.bestFirst(rewards));
    results.put("w_best_of_n", RankWeights.BEST_OF_N.weights(rewards));
    results.put("w_best_random", RankWeights.BEST_RANDOM.weights(rewards));
    results.put("w_best_worst", RankWeights.BEST_WORST.weights(rewards));
    results.put(
        "w_best_random_repo_unnormalised",
        RankWeights.REPOSITORY_BEST_RANDOM.relativeWeights(rewards));
    results.put("w_pow", powers);
    results.put(
        "expected_reward",
        Map.of(
            "none", expectation(RankWeights.NONE, rewards),
            "bon", expectation(RankWeights.BEST_OF_N, rewards),
            "br", expectation(RankWeights.BEST_RANDOM, rewards),
            "bw", expectation(RankWeights.BEST_WORST, rewards)));
    if (RankWeights.BEST_WORST.select(rewards, () -> 0).length == 0) {
      results.put("recommended", "drop the prompt: no ranking information");
    }
    return results;
  }

  private static double expectation(RankFilter filter, double[] rewards) {
    double[] weights = filter.weights(rewards);
    double sum = 0;
    for (int i = 0; i < rewards.length; i++) {
      sum += weights[i] * rewards[i];
    }
    return sum;
  }

  private static Map<String, Object> determination(VectorCase vector, NDManager manager) {
    double[] rewards = vector.vector("reward");
    double[] scores = vector.vector("actual_score");
    Matcher threshold = NUMBER.matcher(vector.text("extremes_rule"));
    if (!threshold.find()) {
      throw new AssertionError("extremes_rule names no threshold");
    }
    double extreme = Double.parseDouble(threshold.group());
    double[] isExtreme =
        Arrays.stream(rewards).map(reward -> Math.abs(reward) >= extreme ? 1 : 0).toArray();
    Map<String, Object> results = new HashMap<>();
    results.put("all", fields(Determination.of(rewards, scores)));
    results.put("extremes_only", fields(Determination.weighted(rewards, scores, isExtreme)));
    vector
        .expected()
        .fieldNames()
        .forEachRemaining(
            name -> {
              Matcher power = POWER.matcher(name);
              if (power.matches()) {
                double[] weights =
                    new PowerFilter(Double.parseDouble(power.group(1))).weights(rewards);
                results.put(name, fields(Determination.weighted(rewards, scores, weights)));
              }
            });
    return results;
  }

  private static Map<String, Object> fields(Determination fit) {
    return Map.of("intercept", fit.intercept(), "slope", fit.slope(), "r2", fit.r2());
  }
}
