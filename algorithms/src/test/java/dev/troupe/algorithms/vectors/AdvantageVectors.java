package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.GeneralizedAdvantage;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.advantage.Whitening;
import dev.troupe.algorithms.dapo.DynamicSampling;
import dev.troupe.algorithms.reinforce.ReinforcePlusPlus;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Advantages with a critic and within groups. */
final class AdvantageVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "foundations";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "gae", AdvantageVectors::generalized,
        "gae_discounted", AdvantageVectors::generalized,
        "group_advantages", AdvantageVectors::groups,
        "reinforce_plus_plus", AdvantageVectors::reinforcePlusPlus);
  }

  private static Map<String, Object> generalized(VectorCase vector, NDManager manager) {
    double[][] mask = vector.matrix("mask");
    double[][] reward = Ragged.take(vector.matrix("reward"), mask);
    double[][] value = Ragged.take(vector.matrix("value"), mask);
    var estimator = new GeneralizedAdvantage(vector.param("gamma"), vector.param("lambda"));
    double[][] advantage = new double[mask.length][];
    double[][] returns = new double[mask.length][];
    for (int b = 0; b < mask.length; b++) {
      var estimate = estimator.of(reward[b], value[b]);
      advantage[b] = estimate.advantage();
      returns[b] = estimate.returns();
    }
    return Map.of(
        "advantage", Ragged.put(advantage, mask),
        "return", Ragged.put(returns, mask),
        "advantage_whitened_population",
            Ragged.put(white(Deviation.POPULATION, Whitening.EPSILON, advantage), mask),
        "advantage_whitened_sample",
            Ragged.put(white(Deviation.SAMPLE, Whitening.EPSILON, advantage), mask));
  }

  private static double[][] white(Deviation deviation, double epsilon, double[][] rows) {
    return new Whitening(deviation, epsilon).of(rows);
  }

  private static Map<String, Object> groups(VectorCase vector, NDManager manager) {
    double[][] rewards = vector.matrix("group_rewards");
    double[][] centred = all(GroupAdvantage.centred(), rewards);
    DynamicSampling sampling = new DynamicSampling(rewards.length, 0, 0);
    boolean[] informative = new boolean[rewards.length];
    for (int g = 0; g < rewards.length; g++) {
      informative[g] = sampling.isInformative(rewards[g]);
    }
    return Map.of(
        "sample_std_eps_1e-6", all(GroupAdvantage.normalised(Deviation.SAMPLE, 1e-6), rewards),
        "sample_std_eps_1e-4", all(GroupAdvantage.normalised(Deviation.SAMPLE, 1e-4), rewards),
        "population_std_eps_1e-8",
            all(GroupAdvantage.normalised(Deviation.POPULATION, 1e-8), rewards),
        "dr_grpo_mean_only", centred,
        "rloo_leave_one_out", all(GroupAdvantage.leaveOneOut(), rewards),
        "dapo_keep_group", informative,
        "reinforce_pp_baseline_batch_normalised_equal_lengths", baseline(rewards));
  }

  /** One token for each response, which is what equal lengths come to. */
  private static double[] baseline(double[][] groupRewards) {
    double[] rewards = flat(groupRewards);
    int[] groups =
        IntStream.range(0, groupRewards.length)
            .flatMap(g -> Arrays.stream(groupRewards[g]).mapToInt(reward -> g))
            .toArray();
    int[] lengths = new int[rewards.length];
    Arrays.fill(lengths, 1);
    return flat(ReinforcePlusPlus.standard().baseline(rewards, groups, lengths));
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[][] all(GroupAdvantage estimator, double[][] groups) {
    return Arrays.stream(groups).map(estimator::of).toArray(double[][]::new);
  }

  private static Map<String, Object> reinforcePlusPlus(VectorCase vector, NDManager manager) {
    double[][] mask = vector.matrix("mask");
    double[][] reward = Ragged.take(vector.matrix("token_reward"), mask);
    double gamma = vector.param("gamma");
    double epsilon = vector.param("whiten_eps");
    var population = new ReinforcePlusPlus(gamma, new Whitening(Deviation.POPULATION, epsilon));
    var sample = new ReinforcePlusPlus(gamma, new Whitening(Deviation.SAMPLE, epsilon));
    return Map.of(
        "return", Ragged.put(population.returns(reward), mask),
        "advantage_population_var", Ragged.put(population.advantages(reward), mask),
        "advantage_sample_var", Ragged.put(sample.advantages(reward), mask));
  }
}
