package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.troupe.algorithms.dapo.OverlongPenalty;
import dev.troupe.algorithms.ppomax.RewardTransform;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutcomesTest {
  private static RewardScale plain() {
    return new RewardScale(RewardTransform.none());
  }

  private static List<List<Double>> rewards(List<List<Trial>> groups) {
    return groups.stream().map(Trials::rewards).toList();
  }

  @Test
  void leavesOutFailuresAndGroupsThatHaveTooFewLeft() {
    var groups = List.of(Trials.group(0, 1, Double.NaN, 0), Trials.group(1, Double.NaN, 1));

    assertEquals(
        List.of(List.of(1.0, 0.0), List.of()),
        rewards(
            new Outcomes(Optional.empty(), Optional.empty(), plain(), 2)
                .of(groups, new HashMap<>())));
    assertEquals(
        List.of(List.of(1.0, 0.0), List.of(1.0)),
        rewards(
            new Outcomes(Optional.empty(), Optional.empty(), plain(), 1)
                .of(groups, new HashMap<>())));
  }

  @Test
  void longCompletionsCost() {
    var outcomes =
        new Outcomes(Optional.empty(), Optional.of(new OverlongPenalty(4, 2, 1)), plain(), 1);

    // Lengths 1 to 4 of at most 4, of which the last 2 cost: 0, 0, 1/2, 1.
    assertEquals(
        List.of(List.of(1.0, 1.0, 0.5, 0.0)),
        rewards(outcomes.of(List.of(Trials.group(0, 1, 1, 1, 1)), new HashMap<>())));
  }

  @Test
  void rewardsAreMeasuredByAllBeforeAndTheMeasureOutlivesARestart(@TempDir Path directory) {
    var paper = RewardTransform.paper(10);
    var scale = new RewardScale(paper);
    scale.of(List.of(Trials.of(0, 1, 2), Trials.of(1, 3, 4)));
    scale.snapshot().accept(directory);
    List<List<Trial>> next = List.of(Trials.of(2, 0, 10));
    List<List<Double>> expected = rewards(scale.of(next));

    var restarted = new RewardScale(paper);
    restarted.read(directory);

    assertEquals(expected, rewards(restarted.of(next)));
    assertNotEquals(expected, rewards(new RewardScale(paper).of(next)));
    // Mean 20 / 6 and deviation 3.559026 of [1, 2, 3, 4, 0, 10]: vector 1 of ppo-max.json.
    assertEquals(-3.333333 / 3.559026, expected.get(0).get(0), 1e-6);
  }
}
