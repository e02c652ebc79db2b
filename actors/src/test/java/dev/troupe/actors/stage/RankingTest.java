package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.runtime.training.TrainingSequence;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RankingTest {
  private static final double FAILED = Double.NaN;

  private static Ranking of(double... rewards) {
    return Ranking.of(List.of(Judged.group(rewards))).get(0);
  }

  @Test
  void putsTheBestFirstAndOfEqualsTheEarlierSample() {
    assertArrayEquals(new int[] {1, 3, 0, 4, 2}, of(0.5, 2, -1, 2, 0.5).rows());
    assertArrayEquals(new double[] {2, 2, 0.5, 0.5, -1}, of(0.5, 2, -1, 2, 0.5).rewards());
  }

  @Test
  void leavesOutFailuresAndGroupsThatPreferNothing() {
    assertArrayEquals(new int[] {2, 1}, of(FAILED, 0, 1).rows());
    assertEquals(
        List.of(),
        Ranking.of(
            List.of(Judged.group(1, 1, 1), Judged.group(FAILED, 1), Judged.group(FAILED, FAILED))));
  }

  @Test
  void anEvenSpreadKeepsBothEnds() {
    Ranking ranking = of(0, 1, 2, 3, 4, 5, 6);
    assertArrayEquals(new int[] {6, 0}, ranking.spread(2).rows());
    assertArrayEquals(new int[] {6, 3, 0}, ranking.spread(3).rows());
    assertArrayEquals(new double[] {6, 4, 2, 0}, ranking.spread(4).rewards());
    assertEquals(ranking, ranking.spread(7));
  }

  @Test
  void aPairIsTheFirstBestAndTheFirstWorst() {
    Pairs pairs =
        Pairs.of(List.of(Judged.group(0, 3, 0, 3), Judged.group(1, 1), Judged.group(2, 1)));
    assertEquals(2, pairs.count());
    assertArrayEquals(
        new int[][] {{3, 4, 1}, {3, 4, 0}, {3, 4, 0}, {3, 4, 1}},
        pairs.sequences().stream().map(TrainingSequence::tokens).toArray(int[][]::new),
        () -> Arrays.deepToString(pairs.sequences().toArray()));
  }
}
