package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.Samples;
import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.fence.Holding;
import dev.troupe.actors.fence.Intake;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever comes when, no token that a step is trained on is older than the staleness allows. */
class NewestPacingTest {
  private static final int STEPS = 30;
  private static final int GENERATORS = 3;

  /** A generator that samples tokens one by one, each under the version it holds then. */
  private static final class Sampler {
    Holding holding = Holding.nothing(Fence.STRICT, 0).asking();
    WorkUnit unit;
    final List<PolicyVersion> tokens = new ArrayList<>();
  }

  private final UnitBook book = new UnitBook(5);
  private final Intake intake = new Intake(Fence.STRICT);
  private final Map<UnitId, List<PolicyVersion>> sampled = new HashMap<>();
  private final HashSet<TicketId> trained = new HashSet<>();
  private long version;
  private long planned;

  @ParameterizedTest(name = "staleness {0}, seed {1}")
  @CsvSource({"0, 1", "0, 2", "1, 3", "1, 4", "1, 5", "2, 6", "2, 7", "4, 8", "4, 9"})
  void theBoundHoldsUnderRandomArrivals(int staleness, long seed) {
    var random = new Random(seed);
    StagePlan stage = Samples.newest("grpo", STEPS, staleness);
    TicketPlan tickets = stage.tickets().orElseThrow();
    var samplers = new ArrayList<Sampler>();
    for (int i = 0; i < GENERATORS; i++) {
      samplers.add(new Sampler());
    }
    publish(stage, tickets);
    int moves = 0;
    while (version < STEPS) {
      assertTrue(++moves < 100_000, "the run comes to a standstill at step " + version);
      int which = random.nextInt(GENERATORS);
      Sampler sampler = samplers.get(which);
      if (random.nextInt(50) == 0) {
        lose(which, samplers);
      } else if (sampler.unit == null) {
        ask("g" + which, sampler);
      } else {
        decode(random, sampler);
      }
      if (book.areComplete(tickets.tickets(version)) && random.nextInt(4) == 0) {
        train(stage, tickets);
      }
    }
    assertEquals(STEPS * (long) tickets.prompts(), trained.size());
  }

  private void publish(StagePlan stage, TicketPlan tickets) {
    intake.know(Samples.versions(version));
    book.renew(Samples.version(version));
    for (; planned < stage.plannableBefore(version); planned++) {
      book.plan(tickets.units(planned, Samples.versions(stage.samplingStep(planned))));
    }
  }

  private void ask(String name, Sampler sampler) {
    PolicyVersion held = sampler.holding.held();
    UnitBook.Offer offer = book.offer(name, held, Map.of());
    if (offer instanceof UnitBook.Offer.TakeUp takeUp) {
      assertEquals(Samples.version(version), takeUp.version(), "only the newest is taken up");
      sampler.holding =
          sampler
              .holding
              .takingUp(takeUp.version())
              .proved(takeUp.version(), takeUp.version().digest());
    } else if (offer instanceof UnitBook.Offer.Work work) {
      assertTrue(sampler.holding.mayDecode(work.unit()));
      sampler.unit = work.unit();
    }
  }

  private void decode(Random random, Sampler sampler) {
    sampler.tokens.add(sampler.holding.held());
    PolicyVersion newest = Samples.version(version);
    if (random.nextBoolean() && sampler.holding.mayRenew(newest)) {
      sampler.holding = sampler.holding.renewed(newest);
    }
    if (random.nextInt(8) == 0) {
      WorkUnit unit = sampler.unit;
      assertTrue(
          intake.admits(unit.tickets().get(0), unit.pacing(), sampler.tokens),
          () -> unit.policy() + " " + sampler.tokens);
      sampled.putIfAbsent(unit.id(), List.copyOf(sampler.tokens));
      unit.tickets().forEach(ticket -> book.complete(Samples.facts(ticket)));
      sampler.unit = null;
      sampler.tokens.clear();
    }
  }

  private void lose(int which, List<Sampler> samplers) {
    book.undecodedBy("g" + which).forEach(book::release);
    samplers.set(which, new Sampler());
  }

  private void train(StagePlan stage, TicketPlan tickets) {
    for (WorkUnit unit : tickets.units(version, Samples.versions(0))) {
      for (PolicyVersion token : sampled.get(unit.id())) {
        assertTrue(
            token.number() >= version - stage.staleness() && token.number() <= version,
            () -> "step " + version + " has a token of " + token);
      }
    }
    for (TicketId ticket : tickets.tickets(version)) {
      assertTrue(trained.add(ticket), () -> ticket + " is trained twice");
    }
    book.take(tickets.tickets(version));
    version++;
    publish(stage, tickets);
  }
}
