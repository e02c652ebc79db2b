package dev.troupe.actors.stage;

import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.reinforce.ReinforcePlusPlus;
import java.util.List;

/**
 * The rewards to come of each token are compared with those of the whole step: REINFORCE++.
 *
 * @param method discount and whitening
 * @param rewards what tokens earn
 */
record ReturnComparison(ReinforcePlusPlus method, TokenRewards rewards)
    implements AdvantageEstimator {

  @Override
  public Estimate of(List<List<Trial>> groups, List<float[]> values) {
    double[][] earned =
        groups.stream()
            .flatMap(List::stream)
            .map(trial -> HostCopy.doubles(rewards.all(trial)))
            .toArray(double[][]::new);
    return new Estimate(method.advantages(earned), null);
  }
}
