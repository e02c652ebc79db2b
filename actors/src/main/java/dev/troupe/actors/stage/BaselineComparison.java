package dev.troupe.actors.stage;

import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.reinforce.ReinforcePlusPlus;
import java.util.List;

/**
 * Rewards less the mean of their group are compared with those of the whole step:
 * REINFORCE++-baseline. Dense rewards, where there are any, are compared at their positions.
 *
 * @param method whitening, and the discount of dense rewards
 * @param rewards what tokens and completions earn
 */
record BaselineComparison(ReinforcePlusPlus method, TokenRewards rewards)
    implements AdvantageEstimator {

  @Override
  public Estimate of(List<List<Trial>> groups, List<float[]> values) {
    var centred = new GroupComparison(GroupAdvantage.centred(), method.gamma(), rewards);
    return new Estimate(method.whitening().of(centred.of(groups, null).advantages()), null);
  }
}
