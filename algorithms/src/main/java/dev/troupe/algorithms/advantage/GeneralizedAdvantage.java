package dev.troupe.algorithms.advantage;

import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.Require;

/**
 * Generalized advantage estimation (Schulman et al. 2016, eq. 16) over the tokens of one response:
 *
 * <pre>
 * delta[t] = reward[t] + gamma * value[t+1] - value[t]
 * A[t]     = delta[t] + gamma * lambda * A[t+1]
 * </pre>
 *
 * where everything after the last token is 0. With {@code lambda = 1} and values of 0 the advantage
 * is the discounted reward to go of REINFORCE++.
 *
 * @param gamma discount for each token, in [0, 1]; 1 is usual for language models
 * @param lambda weight of long estimates, in [0, 1]; 0 trusts the critic, 1 the rewards
 */
public record GeneralizedAdvantage(double gamma, double lambda) {
  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if one is outside [0, 1]
   */
  public GeneralizedAdvantage {
    Require.within("gamma", gamma, 0, 1);
    Require.within("lambda", lambda, 0, 1);
  }

  /**
   * What the critic and the policy learn from.
   *
   * @param advantage advantage of each token, length T
   * @param returns target of the critic, {@code advantage + value}, length T; made here because
   *     whitened advantages no longer give it
   */
  public record Estimate(double[] advantage, double[] returns) {}

  /**
   * The estimate for one response.
   *
   * @param reward reward of each token, length T; T may be 0
   * @param value the critic's value of the state before each token, length T
   * @return new arrays of length T
   * @throws IllegalArgumentException if the lengths differ or a number is not finite
   */
  public Estimate of(float[] reward, float[] value) {
    return of(HostCopy.doubles(reward), HostCopy.doubles(value));
  }

  /**
   * The same in float64.
   *
   * @param reward reward of each token, length T; T may be 0
   * @param value the critic's value of the state before each token, length T
   * @return new arrays of length T
   * @throws IllegalArgumentException if the lengths differ or a number is not finite
   */
  public Estimate of(double[] reward, double[] value) {
    Require.sameLength("reward", reward.length, "value", value.length);
    Require.finite("reward", reward);
    Require.finite("value", value);
    double[] advantage = new double[reward.length];
    double[] returns = new double[reward.length];
    double nextValue = 0;
    double nextAdvantage = 0;
    for (int t = reward.length - 1; t >= 0; t--) {
      double delta = reward[t] + gamma * nextValue - value[t];
      advantage[t] = delta + gamma * lambda * nextAdvantage;
      returns[t] = advantage[t] + value[t];
      nextValue = value[t];
      nextAdvantage = advantage[t];
    }
    return new Estimate(advantage, returns);
  }
}
