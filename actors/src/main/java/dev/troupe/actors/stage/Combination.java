package dev.troupe.actors.stage;

import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.multiobjective.GatedSum;
import dev.troupe.algorithms.multiobjective.LagrangianSum;
import dev.troupe.algorithms.multiobjective.NormaliseThenSum;
import dev.troupe.algorithms.multiobjective.Scalarisation;
import dev.troupe.algorithms.multiobjective.WeightedSum;
import dev.troupe.runtime.settings.ModelRewardSettings;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;

/** One reward for each completion, out of its scores for several objectives. */
interface Combination {
  /** What each way of combining is made of. */
  Map<ModelRewardSettings.Combine, Function<ModelRewardSettings, Combination>> WAYS =
      Map.of(
          ModelRewardSettings.Combine.SUM_THEN_NORMALISE,
          it -> new Summed(new WeightedSum(weights(it))),
          ModelRewardSettings.Combine.NORMALISE_THEN_SUM,
          it ->
              new Compared(
                  new NormaliseThenSum(weights(it), Deviation.SAMPLE, NormaliseThenSum.EPSILON)),
          ModelRewardSettings.Combine.GATED,
          it -> new Summed(new GatedSum(weights(it), it.constraint(), it.threshold(), it.lambda())),
          ModelRewardSettings.Combine.LAGRANGIAN,
          it ->
              new Priced(
                  new LagrangianSum(
                      weights(it), it.constraint(), it.threshold(), it.rate(), it.lambda())));

  static Combination of(ModelRewardSettings settings) {
    return WAYS.get(settings.combine()).apply(settings);
  }

  private static double[] weights(ModelRewardSettings settings) {
    return settings.weights().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * @param scores of each completion of each group, (P, G, K)
   * @return the rewards, in rows like the groups
   */
  double[][] of(double[][][] scores);

  /** The same for the next step, after these scores. */
  default Combination after(double[][][] scores) {
    return this;
  }

  /** The price of the constraint, which is all that changes; 0 without one. */
  default double lambda() {
    return 0;
  }

  /** The same with another price. */
  default Combination withLambda(double price) {
    return this;
  }

  /** Adds what changes to the metrics of a step. */
  default void measure(Map<String, Double> metrics) {}

  /** Each completion for itself. */
  record Summed(Scalarisation sum) implements Combination {
    @Override
    public double[][] of(double[][][] scores) {
      return Arrays.stream(scores).map(sum::of).toArray(double[][]::new);
    }
  }

  /** Compared within each group by every objective, and then over the step. */
  record Compared(NormaliseThenSum comparison) implements Combination {
    @Override
    public double[][] of(double[][][] scores) {
      return comparison.advantages(scores);
    }
  }

  /** With a price that is paid for what a constraint lacks. */
  record Priced(LagrangianSum sum) implements Combination {
    @Override
    public double[][] of(double[][][] scores) {
      return Arrays.stream(scores).map(sum::of).toArray(double[][]::new);
    }

    @Override
    public Combination after(double[][][] scores) {
      return new Priced(
          sum.after(Arrays.stream(scores).flatMap(Arrays::stream).toArray(double[][]::new)));
    }

    @Override
    public double lambda() {
      return sum.lambda();
    }

    @Override
    public Combination withLambda(double price) {
      return new Priced(
          new LagrangianSum(sum.weights(), sum.constrained(), sum.threshold(), sum.rate(), price));
    }

    @Override
    public void measure(Map<String, Double> metrics) {
      metrics.put("reward-model/lambda", sum.lambda());
    }
  }
}
