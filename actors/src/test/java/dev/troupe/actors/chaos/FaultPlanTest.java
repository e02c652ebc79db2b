package dev.troupe.actors.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  private static final List<Fault> KINDS = List.of(Fault.KILL, Fault.STOP, Fault.OOM);

  private static final List<String> ALONE = List.of(StartCommand.ALONE);

  private static List<FaultPoint> plan(long seed, int count, int steps, int delay) {
    return FaultPlan.seeded(seed, count, KINDS, ALONE, steps, delay);
  }

  @Test
  void theSameSeedDisturbsInTheSameWayAndAnotherOneInAnother() {
    assertEquals(plan(5, 9, 100, 300), plan(5, 9, 100, 300));
    assertNotEquals(plan(5, 9, 100, 300), plan(6, 9, 100, 300));
  }

  @Test
  void givesEachKindItsShareInOrderWithinTheRun() {
    List<FaultPoint> points = plan(1, 300, 50, 20);

    for (Fault kind : KINDS) {
      assertEquals(100, points.stream().filter(point -> point.fault() == kind).count());
    }
    assertTrue(points.stream().allMatch(point -> point.step() >= 0 && point.step() < 50));
    assertTrue(points.stream().allMatch(it -> it.delayMillis() >= 0 && it.delayMillis() <= 200));
    assertEquals(
        points.stream().sorted(Comparator.comparingInt(FaultPoint::step)).toList(), points);
    assertEquals(50, points.stream().mapToInt(FaultPoint::step).distinct().count()); // all of them
  }

  @Test
  void whatIsAboutTheRunDirectoryMeetsTheLeadAndCrashesMeetAnybodyOrEverybody() {
    List<String> members = List.of("lead", "scorer", "generator-1");
    List<FaultPoint> points =
        FaultPlan.seeded(2, 200, List.of(Fault.KILL, Fault.TEAR), members, 50, 20);

    assertEquals(
        Set.of("lead"), members(points, Fault.TEAR), "only the lead writes the run directory");
    assertEquals(
        Set.of("lead", "scorer", "generator-1", FaultPoint.EVERYBODY), members(points, Fault.KILL));
    assertTrue(
        points.stream().filter(FaultPoint::isDuringStart).allMatch(it -> it.isAbout("lead")));
    assertTrue(points.stream().anyMatch(FaultPoint::isDuringStart));
  }

  @Test
  void onlyAStartThatAFaultBringsAboutIsDisturbed() {
    List<FaultPoint> points =
        FaultPlan.seeded(3, 400, List.of(Fault.KILL, Fault.STOP), ALONE, 50, 20);

    for (int i = 1; i < points.size(); i++) {
      boolean isStart = points.get(i).isDuringStart();
      assertTrue(!isStart || points.get(i - 1).fault() == Fault.KILL, points.get(i).toString());
    }
    assertTrue(points.stream().skip(1).anyMatch(FaultPoint::isDuringStart));
  }

  private static Set<String> members(List<FaultPoint> points, Fault fault) {
    return points.stream()
        .filter(point -> point.fault() == fault)
        .map(FaultPoint::member)
        .collect(Collectors.toSet());
  }
}
