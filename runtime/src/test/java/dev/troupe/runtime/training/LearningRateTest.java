package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.runtime.training.LearningRate.Kind;
import org.junit.jupiter.api.Test;

/** Schedules at steps where they can be computed by hand. */
class LearningRateTest {
  private static final double EXACT = 1e-15;

  @Test
  void risesLinearlyAndReachesThePeakAtTheLastWarmUpStep() {
    var rate = new LearningRate(8e-3, Kind.CONSTANT, 4, 100, 0);
    assertEquals(2e-3, rate.at(0), EXACT); // 8e-3 * 1 / 4
    assertEquals(4e-3, rate.at(1), EXACT);
    assertEquals(8e-3, rate.at(3), EXACT);
    assertEquals(8e-3, rate.at(4), EXACT);
    assertEquals(8e-3, rate.at(1000), EXACT);
  }

  @Test
  void fallsLinearlyToTheFloorAndStaysThere() {
    var rate = new LearningRate(1e-2, Kind.LINEAR, 2, 10, 0.2);
    // progress (step - 2) / 8, rate 1e-2 (0.2 + 0.8 (1 - progress))
    assertEquals(1e-2, rate.at(2), EXACT);
    assertEquals(8e-3, rate.at(4), EXACT); // progress 1/4: 0.2 + 0.6
    assertEquals(6e-3, rate.at(6), EXACT); // progress 1/2: 0.2 + 0.4
    assertEquals(2e-3, rate.at(10), EXACT);
    assertEquals(2e-3, rate.at(11), EXACT);
  }

  @Test
  void fallsAlongACosineToTheFloorAndStaysThere() {
    var rate = new LearningRate(1e-2, Kind.COSINE, 0, 12, 0.1);
    // progress step / 12, rate 1e-2 (0.1 + 0.9 (1 + cos(pi progress)) / 2)
    assertEquals(1e-2, rate.at(0), EXACT);
    assertEquals(7.75e-3, rate.at(4), EXACT); // cos 60 degrees = 1/2: 0.1 + 0.9 * 0.75
    assertEquals(5.5e-3, rate.at(6), EXACT); // 0.1 + 0.9 * 0.5
    assertEquals(3.25e-3, rate.at(8), EXACT); // cos 120 degrees = -1/2: 0.1 + 0.9 * 0.25
    assertEquals(1e-3, rate.at(12), EXACT);
    assertEquals(1e-3, rate.at(500), EXACT);
  }

  @Test
  void aScheduleThatIsOverBeforeItBeginsIsAtItsFloorAfterTheWarmUp() {
    var rate = new LearningRate(1, Kind.LINEAR, 5, 3, 0.5);
    assertEquals(1, rate.at(4), EXACT);
    assertEquals(1, rate.at(5), EXACT);
    assertEquals(0.5, rate.at(6), EXACT);
  }

  @Test
  void fallsWithTheRootOfTheStepsAsMossDoes() {
    var rate = new LearningRate(1e-2, Kind.INVERSE_SQUARE_ROOT, 100, 1000, 0.5);
    assertEquals(1e-3, rate.at(0), EXACT); // not below a tenth
    assertEquals(1e-3, rate.at(10), EXACT);
    assertEquals(5e-3, rate.at(50), EXACT);
    assertEquals(1e-2, rate.at(100), EXACT);
    assertEquals(5e-3, rate.at(400), EXACT); // sqrt(100 / 400)
    assertEquals(1e-3, rate.at(10_000), EXACT); // no last step, no floor
  }

  @Test
  void refusesWhatIsNoSchedule() {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> new LearningRate(Double.NaN, Kind.COSINE, -1, 10, 1.5));
    assertEquals(
        "learning rate: peak = NaN, warm-up-steps = -1, steps = 10, floor = 1.5;"
            + " wanted are a rate and steps of 0 up and a floor in [0, 1]",
        error.getMessage());
  }
}
