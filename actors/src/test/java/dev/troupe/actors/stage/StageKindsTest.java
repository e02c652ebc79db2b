package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.runtime.settings.StageCatalog;
import org.junit.jupiter.api.Test;

class StageKindsTest {
  @Test
  void everyStageThatARecipeCanAskForIsCarriedOut() {
    assertEquals(StageCatalog.settings(), StageKinds.standard().settings());
  }
}
