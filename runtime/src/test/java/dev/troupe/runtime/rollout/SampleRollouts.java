package dev.troupe.runtime.rollout;

import dev.troupe.runtime.rollout.RolloutRow.Component;
import dev.troupe.runtime.rollout.RolloutRow.Purpose;
import java.util.List;

/** Rows with values that can be told apart. */
public final class SampleRollouts {
  private SampleRollouts() {}

  /** The first completion of a ticket: two characters and a stop token, judged 1. */
  public static RolloutRow row(String stage, long step, int ticket) {
    return row(
        new RolloutRow.Place(stage, Purpose.TRAINING, step, stage + "/" + ticket, 0),
        new RolloutRow.Judged(
            1.0, null, List.of(new Component("exact-match", 1, 1, "ExactMatch@0")), null));
  }

  static RolloutRow row(RolloutRow.Place place, RolloutRow.Judged judged) {
    return new RolloutRow(
        place,
        new RolloutRow.Prompt("e'1", "21>", new int[] {3, 2, 11}, "12", "template"),
        new RolloutRow.Sampled(
            new int[] {2, 3, 0},
            "12",
            new int[] {1, 2, 2},
            "stop-token",
            new float[] {-0.5f, -0.25f, 0f},
            "generator-1",
            "unit",
            7,
            5,
            1,
            null,
            new long[] {41, 41, 42}),
        judged,
        new RolloutRow.Credit(
            1,
            1.0,
            new float[] {-0.5f, -0.5f, 0f},
            null,
            new float[] {0, 0, 1},
            new float[] {1.5f, 1.5f, 1.5f},
            new boolean[] {true, true, true},
            null),
        new RolloutRow.Models("abc", 0, 41, "def", null, null, null));
  }
}
