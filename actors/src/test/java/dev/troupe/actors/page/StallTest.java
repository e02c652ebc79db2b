package dev.troupe.actors.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.supervisor.Wait;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StallTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private static List<Stall> after(long seconds, long patience) {
    var wait = new Wait("the learner", BEGIN, BEGIN.plusSeconds(patience), "the run stops");
    return Stall.of(List.of(wait), BEGIN.plusSeconds(seconds));
  }

  @Test
  void aWaitStallsWhenHalfOfItsPatienceIsUsedUp() {
    assertEquals(List.of(), after(60, 120));
    assertEquals(1, after(61, 120).size());
  }

  @Test
  void shortWaitsAreOrdinary() {
    assertEquals(List.of(), after(9, 12));
  }

  @Test
  void saysWhatIsWaitedForAndWhatHappensThen() {
    Stall stall = after(100, 120).get(0);

    assertTrue(stall.sentence().contains("the learner since 2026-01-01T00:00:00Z"));
    assertTrue(stall.sentence().contains("2 min 00 s"), stall.sentence());
    assertTrue(stall.advice().startsWith("At 2026-01-01T00:02:00Z the run stops."));
  }
}
