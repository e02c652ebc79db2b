package dev.troupe.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GoalReportTest {
  @Test
  void aGoalIsMetOnItsOwnSide() {
    assertTrue(Goal.atLeast("speed", 0.9, 0.9).isMet());
    assertFalse(Goal.atLeast("speed", 0.89, 0.9).isMet());
    assertTrue(Goal.atMost("cost", 0.02, 0.02).isMet());
    assertFalse(Goal.atMost("cost", 0.021, 0.02).isMet());
    // What could not be measured is not met.
    assertFalse(Goal.atMost("cost", Double.NaN, 0.02).isMet());
  }

  @Test
  void saysWhatIsNotMet() {
    var report =
        new GoalReport(
            "A title",
            Map.of("rounds", 3),
            Map.of("messages a second", 123_456.0),
            List.of(Goal.atLeast("messages a second", 123_456, 200_000)));

    assertTrue(report.text().contains("123,456  wanted at least 200,000  NOT MET"), report.text());
    assertTrue(report.json().contains("\"rounds\" : 3"), report.json());
  }

  @Test
  void percentilesAreUpperBoundsOfMicroseconds() {
    var latencies = new Latencies();
    for (int micros = 1; micros <= 100; micros++) {
      latencies.add(micros * 1000L);
    }
    // The 50th of 1..100 us lies in the bucket that ends at 51 us, the 99th in that of 100 us.
    assertEquals(0.051, latencies.percentile(0.5), 1e-9);
    assertEquals(0.100, latencies.percentile(0.99), 1e-9);
    latencies.clear();
    latencies.add(Long.MAX_VALUE);
    assertEquals(100.001, latencies.percentile(0.99), 1e-9);
  }
}
