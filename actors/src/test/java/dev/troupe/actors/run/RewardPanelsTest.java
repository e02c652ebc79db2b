package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RewardPanelsTest {
  private static Quantity measured(String reward) {
    RunSettings settings =
        SmallRuns.settings(Path.of("runs/small"), SmallRuns.STAGES, "reward=" + reward);
    return new RewardPanels(settings, RewardCatalog.standard(), ticket -> null).quantity();
  }

  @Test
  void theRewardOfTheRunDecidesWhatEvaluationsMeasure() {
    assertEquals(Quantity.ACCURACY, measured("[{kind=exact-match,weight=1}]"));
    assertEquals(Quantity.MEAN_REWARD, measured("[{kind=digit-placement,weight=1}]"));
  }
}
