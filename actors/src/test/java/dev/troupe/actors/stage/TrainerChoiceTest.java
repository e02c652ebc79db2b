package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.algorithms.ppomax.InverseSquareRootSchedule;
import dev.troupe.runtime.training.LearningRate;
import org.junit.jupiter.api.Test;

class TrainerChoiceTest {

  @Test
  void theTrainersScheduleIsTheOneOfPpoMax() {
    var paper = new InverseSquareRootSchedule(30);
    var rate = new LearningRate(1, LearningRate.Kind.INVERSE_SQUARE_ROOT, 30, 200, 0);
    for (long step = 0; step < 200; step++) {
      assertEquals(paper.multiplier(step), rate.at(step), 0, "step " + step);
    }
  }
}
