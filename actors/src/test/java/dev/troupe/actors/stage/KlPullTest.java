package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.algorithms.policy.KlTerm;
import dev.troupe.runtime.settings.KlSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KlPullTest {
  private static KlPull pull(
      KlSettings.Estimator estimator, KlSettings.Place place, double target) {
    return new KlPull(new KlSettings(estimator, place, 0.1, false, target, 100));
  }

  @Test
  void actsInTheRewardOrInTheLossAndNeverInBoth() {
    KlPull reward = pull(KlSettings.Estimator.K1, KlSettings.Place.REWARD, 0);
    KlPull loss = pull(KlSettings.Estimator.K2, KlSettings.Place.LOSS, 0);

    assertEquals(0.1, reward.inReward());
    assertEquals(KlTerm.NONE, reward.inLoss());
    assertEquals(0, loss.inReward());
    assertEquals(0.1, loss.inLoss().coefficient());
  }

  @Test
  void aCompletionCostsItsLogRatio() {
    Trial two = Trials.of(0, 1, 1).get(1);

    // Two tokens, each half a nat likelier than under the reference: 0.1 * 2 * 0.5.
    assertEquals(0.1, pull(KlSettings.Estimator.K1, KlSettings.Place.REWARD, 0).cost(two), 1e-12);
  }

  @Test
  void followsTheDivergenceAndRemembersHowFar(@TempDir Path directory) {
    KlPull pull = pull(KlSettings.Estimator.K1, KlSettings.Place.REWARD, 0.375);
    var metrics = new HashMap<String, Double>();
    List<Trial> trials = Trials.of(0, 1, 1);

    pull.adapt(trials, metrics);

    // Divergences 0.5 and 1.0 have the mean 0.75, twice the target: the error is cut to 0.2.
    assertEquals(0.75, metrics.get("kl/completion"), 1e-12);
    assertEquals(0.1 * (1 + 0.2 * 2 / 100), pull.inReward(), 1e-12);
    pull.snapshot().accept(directory);
    KlPull restarted = pull(KlSettings.Estimator.K1, KlSettings.Place.REWARD, 0.375);
    restarted.read(directory);
    assertEquals(pull.inReward(), restarted.inReward());
  }

  @Test
  void staysAsItIsWithoutATarget() {
    KlPull pull = pull(KlSettings.Estimator.K3, KlSettings.Place.LOSS, 0);
    var metrics = new HashMap<String, Double>();

    pull.adapt(Trials.of(0, 1, 1), metrics);

    assertEquals(0.1, pull.inLoss().coefficient());
    assertTrue(metrics.isEmpty());
  }
}
