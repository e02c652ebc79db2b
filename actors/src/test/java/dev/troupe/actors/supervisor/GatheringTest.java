package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.TicketPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GatheringTest {
  private static final List<Double> UNIFORM = List.of(1.0, 1.0);
  private static final List<Double> MIXED = List.of(1.0, 0.0);

  private final UnitBook book = new UnitBook(5);
  private final VersionSet versions = Samples.versions(0);

  private Gathering gathering(int prompts, int rounds) {
    TicketPlan plan =
        new TicketPlan(
                "rl",
                Purpose.TRAINING,
                1,
                prompts,
                2,
                2,
                Samples.tickets("rl", 1).sampling(),
                Math::toIntExact)
            .withRounds(rounds);
    return new Gathering(book::plan, book, plan);
  }

  /** Lets every unit that waits come in; returns the ordinals of its tickets. */
  private List<Long> comeIn(LongFunction<List<Double>> rewards) {
    var ordinals = new ArrayList<Long>();
    Optional<WorkUnit> unit = book.grant("g", versions.policy());
    while (unit.isPresent()) {
      for (var ticket : unit.get().tickets()) {
        long ordinal = ticket.id().ordinal();
        ordinals.add(ordinal);
        GroupFacts facts = Samples.facts(ticket);
        book.complete(
            new GroupFacts(
                facts.ticket(),
                facts.step(),
                facts.example(),
                facts.purpose(),
                rewards.apply(ordinal),
                List.of(),
                4,
                1,
                1,
                0));
      }
      unit = book.grant("g", versions.policy());
    }
    return ordinals;
  }

  private static Optional<List<TicketId>> tickets(long... ordinals) {
    return Optional.of(
        LongStream.of(ordinals).mapToObj(ordinal -> new TicketId("rl", ordinal)).toList());
  }

  @Test
  void oneRoundIsTrainedOnAsItIs() {
    Gathering gathering = gathering(3, 1);
    gathering.plan(2, versions);
    assertEquals(Optional.empty(), gathering.ready(2, versions));

    assertEquals(List.of(6L, 7L, 8L), comeIn(ordinal -> UNIFORM));

    assertEquals(tickets(6, 7, 8), gathering.ready(2, versions));
    assertEquals(3, gathering.take(2).size());
  }

  @Test
  void uniformGroupsAreReplacedUntilTheBatchIsFull() {
    Gathering gathering = gathering(3, 4);
    gathering.plan(0, versions);
    comeIn(ordinal -> ordinal == 1 ? UNIFORM : MIXED);

    assertEquals(Optional.empty(), gathering.ready(0, versions));
    assertEquals(List.of(3L, 4L, 5L), comeIn(ordinal -> MIXED));

    // 0 and 2 of the first round, and the first of the second: the batch has 3 prompts.
    assertEquals(tickets(0, 2, 3), gathering.ready(0, versions));
    assertEquals(6, gathering.take(0).size());
  }

  @Test
  void theBatchStaysShortWhenTheRoundsAreUsedUp() {
    Gathering gathering = gathering(2, 2);
    gathering.plan(0, versions);
    comeIn(ordinal -> UNIFORM);
    assertEquals(Optional.empty(), gathering.ready(0, versions));
    comeIn(ordinal -> ordinal == 3 ? MIXED : UNIFORM);

    assertEquals(tickets(3), gathering.ready(0, versions));
  }

  @Test
  void aStepWithoutAnySignalHasItsFirstRound() {
    Gathering gathering = gathering(2, 2);
    gathering.plan(0, versions);
    comeIn(ordinal -> List.of(Double.NaN, Double.NaN));
    assertEquals(Optional.empty(), gathering.ready(0, versions));
    comeIn(ordinal -> UNIFORM);

    assertEquals(tickets(0, 1), gathering.ready(0, versions));
  }

  @Test
  void theTicketsOfAStepDoNotDependOnWhatOthersNeeded() {
    Gathering gathering = gathering(2, 3);
    gathering.plan(1, versions);
    // Two prompts in three rounds: step 1 begins at ordinal 6.
    assertEquals(List.of(6L, 7L), comeIn(ordinal -> MIXED));
    assertEquals(tickets(6, 7), gathering.ready(1, versions));
  }
}
