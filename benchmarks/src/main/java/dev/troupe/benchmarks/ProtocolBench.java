package dev.troupe.benchmarks;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.journal.JournalStorage;
import dev.troupe.actors.journal.JournalTerms;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.stage.Deadlines;
import dev.troupe.actors.stage.Limits;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.actors.supervisor.Supervisor;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.JournalSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * The supervisor of the product among generators, an experience, a learner and a recorder that
 * answer at once, so that nothing but the protocol takes time. Every unit has one ticket, the worst
 * case: each is asked for, granted, reported complete and noted, four messages.
 */
final class ProtocolBench implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final long SHUTDOWN_SECONDS = 30;
  private static final String STAGE = "protocol";

  /** More than the tickets that can be under way. */
  private static final int SLOTS = 1 << 20;

  private final LongAdder asks = new LongAdder();
  private final LongAdder grants = new LongAdder();
  private final LongAdder reports = new LongAdder();
  private final LongAdder notes = new LongAdder();
  private final LongAdder steps = new LongAdder();
  private final Latencies latencies = new Latencies();
  private final AtomicLongArray reportedAt = new AtomicLongArray(SLOTS);
  private final JournalStorage journal;
  private final ActorSystem<Void> system;

  /** Number of the order by which the stage was opened. */
  private volatile long opening;

  /**
   * Messages of some seconds.
   *
   * @param messages that the supervisor got and sent for tickets, a second
   * @param received of these, those that it got
   * @param steps trained meanwhile, a second
   * @param p50 milliseconds from a question to its answer, median
   * @param p99 the same for the slowest of a hundred
   */
  record Result(double messages, double received, double steps, double p50, double p99) {}

  /**
   * @param generators each with one question under way at a time
   * @param tickets of a step
   * @param directory where the supervisor's journal is kept; it stays there
   */
  ProtocolBench(int generators, int tickets, Path directory) {
    var settings = new JournalSettings("embedded", JournalSettings.Differences.STOP);
    this.journal = JournalStorage.open(directory, settings, STAGE);
    this.system =
        ActorSystem.create(
            Behaviors.setup(
                context -> {
                  ActorRef<Recorder.Command> recorder = context.spawn(recorder(), "recorder");
                  ActorRef<RunOutcome> owner = context.spawn(Behaviors.ignore(), "owner");
                  ActorRef<SupervisorCommand> supervisor =
                      context.spawn(
                          Supervisor.create(
                              plan(tickets),
                              new JournalTerms(STAGE, 0, "", 1, false),
                              Clock.systemUTC(),
                              PATIENCE,
                              recorder,
                              owner),
                          "supervisor");
                  ActorRef<Experience.Command> experience =
                      context.spawn(experience(), "experience");
                  Set<ActorRef<Generator.Command>> all = new HashSet<>();
                  for (int i = 0; i < generators; i++) {
                    all.add(context.spawn(new Peer("generator-" + i, supervisor).start(), "g" + i));
                  }
                  supervisor.tell(new SupervisorCommand.GeneratorsListed(all));
                  supervisor.tell(new SupervisorCommand.RewardsListed(1));
                  supervisor.tell(
                      new SupervisorCommand.LearnersListed(
                          Set.of(context.spawn(learner(experience), "learner"))));
                  return Behaviors.empty();
                }),
            "troupe",
            ConfigFactory.load(
                JournalStorage.akka(directory, settings)
                    .withFallback(ConfigFactory.parseResources("troupe-akka.conf"))));
  }

  private static RunPlan plan(int tickets) {
    var plan =
        new TicketPlan(
            STAGE, Purpose.TRAINING, 1, tickets, 2, 1, Sampling.plain(1, List.of()), position -> 0);
    var stage =
        new StagePlan(
            STAGE,
            "grpo",
            Integer.MAX_VALUE,
            0,
            Optional.of(plan),
            1,
            false,
            Integer.MAX_VALUE,
            Deadlines.USUAL,
            Metric.REWARD_MEAN);
    return new RunPlan(STAGE, List.of(stage), Optional.empty(), Limits.USUAL);
  }

  private static VersionSet versions(long step) {
    return new VersionSet(
        step, new PolicyVersion(0, step, "%064x".formatted(step)), ScoringModels.NONE);
  }

  /** Waits until everything is compiled, then counts. */
  Result measure(Duration warmUp, Duration time) throws InterruptedException {
    pass(warmUp);
    latencies.clear();
    long received = asks.sum() + reports.sum();
    long all = received + grants.sum() + notes.sum();
    long trained = steps.sum();
    long begin = System.nanoTime();
    pass(time);
    double seconds = (System.nanoTime() - begin) / 1e9;
    long receivedNow = asks.sum() + reports.sum();
    return new Result(
        (receivedNow + grants.sum() + notes.sum() - all) / seconds,
        (receivedNow - received) / seconds,
        (steps.sum() - trained) / seconds,
        latencies.percentile(0.5),
        latencies.percentile(0.99));
  }

  private static void pass(Duration time) throws InterruptedException {
    boolean isOver = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    assert !isOver;
  }

  /** A generator that decodes in no time. */
  private final class Peer {
    private final String name;
    private final ActorRef<SupervisorCommand> supervisor;
    private ActorRef<Generator.Command> self;
    private PolicyVersion held;
    private UnitId finished;
    private long ask;
    private long askedAt;

    Peer(String name, ActorRef<SupervisorCommand> supervisor) {
      this.name = name;
      this.supervisor = supervisor;
    }

    Behavior<Generator.Command> start() {
      return Behaviors.setup(
          context -> {
            self = context.getSelf();
            request();
            return Behaviors.receive(Generator.Command.class)
                .onMessage(Generator.Adopt.class, this::onAdopt)
                .onMessage(Generator.Grant.class, this::onGrant)
                .build();
          });
    }

    private Behavior<Generator.Command> onAdopt(Generator.Adopt adopt) {
      held = adopt.version();
      request();
      return Behaviors.same();
    }

    private Behavior<Generator.Command> onGrant(Generator.Grant grant) {
      if (grant.ask() != ask) {
        return Behaviors.same();
      }
      long now = System.nanoTime();
      latencies.add(now - askedAt);
      grants.increment();
      for (Ticket ticket : grant.unit().tickets()) {
        reportedAt.set(slot(ticket.id().ordinal()), now);
        reports.increment();
        supervisor.tell(
            new SupervisorCommand.GroupReady(facts(ticket), opening, grant.experience()));
      }
      finished = grant.unit().id();
      request();
      return Behaviors.same();
    }

    private void request() {
      askedAt = System.nanoTime();
      asks.increment();
      supervisor.tell(new SupervisorCommand.RequestWork(name, self, ++ask, held, finished));
    }
  }

  private static int slot(long ordinal) {
    return (int) (ordinal & (SLOTS - 1));
  }

  private static GroupFacts facts(Ticket ticket) {
    return new GroupFacts(
        ticket.id(),
        ticket.step(),
        ticket.example(),
        ticket.purpose(),
        List.of(1.0, 0.0),
        List.of(),
        4,
        1,
        1,
        1);
  }

  private Behavior<Experience.Command> experience() {
    return Behaviors.receive(Experience.Command.class)
        .onMessage(
            Experience.Noted.class,
            noted -> {
              latencies.add(System.nanoTime() - reportedAt.get(slot(noted.ticket().ordinal())));
              notes.increment();
              return Behaviors.same();
            })
        .build();
  }

  private static Behavior<Recorder.Command> recorder() {
    return Behaviors.receive(Recorder.Command.class)
        .onMessage(
            Recorder.StepDone.class,
            done -> {
              done.replyTo()
                  .tell(new SupervisorCommand.StepRecorded(done.stage().name(), done.stepsDone()));
              return Behaviors.same();
            })
        .onAnyMessage(other -> Behaviors.same())
        .build();
  }

  private Behavior<Learner.Command> learner(ActorRef<Experience.Command> experience) {
    return Behaviors.receive(Learner.Command.class)
        .onMessage(
            Learner.Open.class,
            open -> {
              opening = open.number();
              open.replyTo()
                  .tell(
                      new SupervisorCommand.StageOpened(
                          open.number(), open.stage(), List.of(versions(0)), experience));
              return Behaviors.same();
            })
        .onMessage(
            Learner.Train.class,
            train -> {
              steps.increment();
              train
                  .replyTo()
                  .tell(
                      new SupervisorCommand.Trained(
                          train.number(),
                          train.stage(),
                          train.step(),
                          new StepResult(versions(train.step() + 1), Map.of(), 1)));
              return Behaviors.same();
            })
        .build();
  }

  @Override
  public void close() {
    system.terminate();
    try {
      system.getWhenTerminated().toCompletableFuture().get(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the actors do not end", e);
    } finally {
      journal.close();
    }
  }
}
