package dev.troupe.actors.stage;

import dev.troupe.algorithms.advantage.GeneralizedAdvantage;
import dev.troupe.algorithms.advantage.Whitening;
import java.util.List;

/**
 * The rewards to come of each token are compared with what a critic expected: PPO. Advantages are
 * whitened over the step, the critic's targets are not.
 *
 * @param method discount and trust in the critic
 * @param whitening over the step
 * @param rewards what tokens earn
 */
record CriticComparison(GeneralizedAdvantage method, Whitening whitening, TokenRewards rewards)
    implements AdvantageEstimator {

  @Override
  public Estimate of(List<List<Trial>> groups, List<float[]> values) {
    List<Trial> trials = groups.stream().flatMap(List::stream).toList();
    double[][] advantages = new double[trials.size()][];
    double[][] returns = new double[trials.size()][];
    for (int i = 0; i < advantages.length; i++) {
      GeneralizedAdvantage.Estimate estimate = method.of(rewards.all(trials.get(i)), values.get(i));
      advantages[i] = estimate.advantage();
      returns[i] = estimate.returns();
    }
    return new Estimate(whitening.of(advantages), returns);
  }
}
