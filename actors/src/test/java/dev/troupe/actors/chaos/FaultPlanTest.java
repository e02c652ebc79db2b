package dev.troupe.actors.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  private static final List<Fault> KINDS = List.of(Fault.KILL, Fault.STOP, Fault.OOM);

  @Test
  void theSameSeedDisturbsInTheSameWayAndAnotherOneInAnother() {
    assertEquals(FaultPlan.seeded(5, 9, KINDS, 100, 300), FaultPlan.seeded(5, 9, KINDS, 100, 300));
    assertNotEquals(
        FaultPlan.seeded(5, 9, KINDS, 100, 300), FaultPlan.seeded(6, 9, KINDS, 100, 300));
  }

  @Test
  void givesEachKindItsShareInOrderWithinTheRun() {
    List<FaultPoint> points = FaultPlan.seeded(1, 300, KINDS, 50, 20);

    for (Fault kind : KINDS) {
      assertEquals(100, points.stream().filter(point -> point.fault() == kind).count());
    }
    assertTrue(points.stream().allMatch(point -> point.step() >= 0 && point.step() < 50));
    assertTrue(points.stream().allMatch(it -> it.delayMillis() >= 0 && it.delayMillis() <= 20));
    assertEquals(
        points.stream().sorted(Comparator.comparingInt(FaultPoint::step)).toList(), points);
    assertEquals(50, points.stream().mapToInt(FaultPoint::step).distinct().count()); // all of them
  }
}
