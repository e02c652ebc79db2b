package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Provenance.Renewal;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.runtime.generation.FinishReason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenAgesTest {
  private static Rollout rollout(int sample, int length, Provenance provenance) {
    return new Rollout(
        sample, new int[length], new float[length], FinishReason.LENGTH, "", provenance);
  }

  @Test
  void countsTheTokensOfEachVersion() {
    Ticket ticket = Samples.unit(Samples.versions(0)).tickets().get(0);
    var mixed =
        new Provenance(
            "g",
            null,
            Samples.version(0),
            List.of(new Renewal(2, Samples.version(1)), new Renewal(5, Samples.version(2))));
    var fresh = new Provenance("g", null, Samples.version(2));
    var group =
        new Group(ticket, new int[] {1}, List.of(rollout(0, 6, mixed), rollout(1, 4, fresh)));
    var scored = new ScoredGroup(group, List.of(Samples.scored(1), Samples.scored(0)), null);
    Map<String, Double> metrics = new LinkedHashMap<>();

    TokenAges.of(
            List.of(scored), List.of(Samples.version(0), Samples.version(1), Samples.version(2)), 2)
        .into(metrics);

    // Ages of the 10 tokens: 2 2 1 1 1 0 and 0 0 0 0.
    assertEquals(0.7, metrics.get("staleness/mean"), 1e-12);
    assertEquals(2, metrics.get("staleness/max"));
    assertEquals(0.5, metrics.get("staleness/share-0"), 1e-12);
    assertEquals(0.3, metrics.get("staleness/share-1"), 1e-12);
    assertEquals(0.2, metrics.get("staleness/share-2"), 1e-12);
    assertEquals(0.5, metrics.get("staleness/mixed-rollouts"), 1e-12);
  }

  @Test
  void versionsOfARolloutNeverGoBack() {
    var back = List.of(new Renewal(3, Samples.version(1)));

    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Provenance("g", null, Samples.version(1), back));
    assertEquals(true, error.getMessage().startsWith("provenance in unit null goes back"));
  }
}
