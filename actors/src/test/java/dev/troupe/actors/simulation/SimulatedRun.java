package dev.troupe.actors.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.simulation.Company.Kind;
import dev.troupe.actors.stage.Deadlines;
import dev.troupe.actors.stage.Limits;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.actors.supervisor.Wait;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.record.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A run of one stage on a simulated company, and what must be true of it at its end. */
final class SimulatedRun implements AutoCloseable {
  /** Losses are what these tests are about, so more of them are borne than usual. */
  private static final Limits LIMITS = new Limits(5, 5, 3, 0.5, Duration.ofMillis(250));

  private static final Duration LOOK = Duration.ofSeconds(30);
  private static final Duration LONGEST = Duration.ofDays(4);

  final World world;
  final Company company;
  private final StagePlan stage;

  /**
   * @param seed of all that comes by chance
   */
  SimulatedRun(long seed, StagePlan stage) {
    this.stage = stage;
    this.world = new World(seed);
    this.company = new Company(world, stage, LIMITS);
    company.startLearner();
  }

  /**
   * Some steps of GRPO.
   *
   * @param prompts of a step, a work unit each
   * @param samples of a prompt
   */
  static StagePlan stage(long steps, int prompts, int samples, int staleness) {
    var tickets =
        new TicketPlan(
            "grpo",
            Purpose.TRAINING,
            7,
            prompts,
            samples,
            1,
            Sampling.plain(64, List.of(2)),
            draw -> 0);
    return new StagePlan(
        "grpo",
        "grpo",
        steps,
        0,
        Optional.of(tickets),
        staleness,
        false,
        4,
        new Deadlines(
            Duration.ofMinutes(40),
            Duration.ofMinutes(2),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10)),
        Metric.REWARD_MEAN);
  }

  /** Nodes of each kind. */
  SimulatedRun with(int generators, int rewards, int references) {
    for (int i = 0; i < generators; i++) {
      company.join(Kind.GENERATOR, "generator-" + i);
    }
    for (int i = 0; i < rewards; i++) {
      company.join(Kind.REWARD, "reward-" + i);
    }
    for (int i = 0; i < references; i++) {
      company.join(Kind.REFERENCE, "reference-" + i);
    }
    return this;
  }

  /** What will happen to the nodes. */
  Weather weather(long seed) {
    return new Weather(world, company, seed);
  }

  /** Lets time pass. */
  void pass(Duration time) {
    world.time().passUntil(() -> false, time);
  }

  /** Lets time pass until some steps are done. */
  void passUntilStep(long step) {
    world.time().passUntil(() -> company.storage().recorded() >= step, LONGEST);
  }

  /**
   * Lets time pass until the run waits for something in vain: what it is, just before its time is
   * over.
   */
  Wait passUntilWaitFor(String what) {
    for (int i = 0; i < 2000; i++) {
      Instant now = world.time().clock().instant();
      for (Wait wait : company.waits().waits()) {
        boolean isStale = Duration.between(now, wait.deadline()).compareTo(LOOK) <= 0;
        if (wait.what().contains(what) && isStale) {
          return wait;
        }
      }
      pass(LOOK);
    }
    throw new AssertionError(
        "the run never waits long for %s: %s %s %s"
            .formatted(what, company.waits(), company.outcome(), company.storage().warnings()));
  }

  /**
   * Lets time pass until the run is over. However it came to that, it has done what it would have
   * done had nothing happened: the weights, the tickets of every step, each trained once, and the
   * lengths of completions that were trained on are those of the plan.
   */
  void endsAsIfNothingHadHappened() {
    company.passUntilItEnds(LONGEST);
    assertEquals(List.of(), company.storage().violations());
    assertEquals(
        Optional.of(
            new RunOutcome.Completed(
                Map.of(stage.name(), Content.digest(Content.expected(stage))))),
        company.outcome(),
        () -> company.storage().warnings() + "\n" + world.trace());
    assertEquals(Content.lengths(stage), company.storage().lengths());
  }

  @Override
  public void close() {
    company.close();
  }
}
