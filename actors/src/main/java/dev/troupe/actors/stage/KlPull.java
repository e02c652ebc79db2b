package dev.troupe.actors.stage;

import dev.troupe.algorithms.kl.AdaptiveKl;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.policy.KlTerm;
import dev.troupe.runtime.settings.KlSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The pull to the reference, whose strength may follow the divergence that it meets. */
final class KlPull implements Memory {
  private static final String FILE = "kl.json";
  private static final String COEFFICIENT = "coefficient";

  private final KlSettings settings;
  private double coefficient;

  KlPull(KlSettings settings) {
    this.settings = settings;
    this.coefficient = settings.coefficient();
  }

  /** Whether there is a reference at all. */
  boolean isOn() {
    return settings.coefficient() > 0;
  }

  /** Reward that a nat of log-ratio costs; 0 when the pull is in the loss. */
  double inReward() {
    return settings.isInReward() ? coefficient : 0;
  }

  /** The term of the loss; none when the pull is in the reward. */
  KlTerm inLoss() {
    return settings.isInLoss()
        ? new KlTerm(
            KlEstimator.valueOf(settings.estimator().name()), coefficient, settings.ratioWeighted())
        : KlTerm.NONE;
  }

  /** What a completion costs by the pull in the reward. */
  double cost(Trial trial) {
    return inReward() * (isOn() ? logRatio(trial) : 0);
  }

  /** Adapts the strength to the divergence of the sampled completions, where that is wanted. */
  void adapt(List<Trial> trials, Map<String, Double> metrics) {
    if (settings.target() == 0 || trials.isEmpty()) {
      return;
    }
    double mean = trials.stream().mapToDouble(KlPull::logRatio).average().orElseThrow();
    metrics.put("kl/coefficient", coefficient);
    metrics.put("kl/completion", mean);
    coefficient =
        new AdaptiveKl(coefficient, settings.target(), settings.horizon())
            .after(mean, trials.size())
            .coefficient();
  }

  private static double logRatio(Trial trial) {
    double sum = 0;
    for (float ratio : KlEstimator.K1.perToken(trial.behaviour(), trial.reference())) {
      sum += ratio;
    }
    return sum;
  }

  @Override
  public Consumer<Path> snapshot() {
    return settings.target() > 0
        ? Numbers.file(FILE, Map.of(COEFFICIENT, coefficient))
        : directory -> {};
  }

  @Override
  public void read(Path directory) {
    if (settings.target() > 0) {
      coefficient = Numbers.read(directory.resolve(FILE)).get(COEFFICIENT);
    }
  }
}
