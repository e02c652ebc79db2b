package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepBatchTest {
  private static final StepBatch BATCH =
      StepBatch.of(
          List.of(
              Trials.of(0, 1, 1), List.of(), Trials.of(2, 1, 1, 1), Trials.of(3, 1), List.of()));

  @Test
  void miniBatchesAreConsecutiveGroupsAndLoseNone() {
    for (int parts = 1; parts <= 6; parts++) {
      var sequences = new ArrayList<>();
      for (int part = 0; part < parts; part++) {
        sequences.addAll(BATCH.part(part, parts).sequences());
      }
      assertEquals(BATCH.sequences(), sequences, parts + " parts");
    }
    // Groups 0 and 1 of 5, then 2, 3 and 4.
    assertArrayEquals(new int[] {1, 2}, BATCH.part(0, 2).lengths());
    assertArrayEquals(new int[] {1, 2, 3, 1}, BATCH.part(1, 2).lengths());
  }

  @Test
  void theOldPolicyIsTheSamplingOneUnlessItIsRecomputed() {
    assertSame(BATCH.behaviour(), BATCH.old());
    List<float[]> recomputed = StepBatch.zeros(BATCH.lengths());
    assertSame(recomputed, BATCH.withOld(recomputed).old());
  }

  @Test
  void rowsThatFollowTakeNoPart() {
    StepBatch followed = BATCH.followedBy(new int[] {2});

    assertEquals(BATCH.behaviour().size() + 1, followed.behaviour().size());
    assertArrayEquals(new float[2], followed.behaviour().get(BATCH.behaviour().size()));
    assertTrue(followed.values().isEmpty(), "without a critic there are no values to pad");
  }
}
