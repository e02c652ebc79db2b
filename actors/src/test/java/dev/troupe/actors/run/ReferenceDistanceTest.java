package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReferenceDistanceTest {
  /** Numbers in comments have eight digits behind the point. */
  private static final double PRINTED = 1e-7;

  private static ScoredGroup group(ScoringModels models, ReferencePart part) {
    var ticket =
        new Ticket(
            new TicketId("evaluation", 0),
            Purpose.EVALUATION,
            0,
            0,
            2,
            1,
            Samples.version(1),
            models);
    return new ScoredGroup(
        Samples.group(ticket), List.of(Samples.scored(1), Samples.scored(0)), part);
  }

  @Test
  void sumsOverTheTokensAndAveragesOverTheCompletionsOfAPrompt() {
    var models = new ScoringModels(Samples.version(0), null, null, null);
    List<float[]> rows = List.of(new float[] {-1, -1}, new float[] {-2, -2});
    var part = new ReferencePart(new TicketId("evaluation", 0), models, rows, null, null, null, 1);

    ReferenceDistance distance =
        ReferenceDistance.of("sft", List.of(group(models, part))).orElseThrow();

    // The policy gives both tokens -0.5 and -0.25: log-ratios 0.5, 0.75 and 1.5, 1.75.
    // k1: (1.25 + 3.25) / 2 = 2.25
    assertEquals(2.25, distance.k1().get(0), PRINTED);
    // k3, exp(-d) + d - 1: 0.10653066 + 0.22236655 and 0.72313016 + 0.92377394, halved
    assertEquals(0.98790066, distance.k3().get(0), PRINTED);
    assertEquals("0.99 nats away", distance.label());
  }

  @Test
  void nobodyAskedIsNoDistance() {
    assertEquals(
        Optional.empty(), ReferenceDistance.of("sft", List.of(group(ScoringModels.NONE, null))));
  }
}
