package dev.troupe.actors.run;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.event.EventStream;
import dev.troupe.actors.event.Observation;
import dev.troupe.actors.event.RunListener;
import dev.troupe.actors.node.Applicant;
import dev.troupe.actors.node.Node;
import dev.troupe.actors.node.Office;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.supervisor.CompanyState;
import dev.troupe.actors.weights.InProcessExchange;
import dev.troupe.runtime.deadline.SteadyClock;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * A run with its whole company in this process: start it, wait for its outcome, close it.
 *
 * <pre>{@code
 * try (EmbeddedRun run = EmbeddedRun.start(Recipe.load(file), Options.usual(), listener)) {
 *   while (run.await(Duration.ofSeconds(1)).isEmpty()) { … }
 * }
 * }</pre>
 */
public final class EmbeddedRun implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(2);

  /** How long the roles of this very process may take to report. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Workshop workshop;
  private final CompanyProcess process;
  private final EventStream events;

  /**
   * How a run is carried out, beside what it computes.
   *
   * @param command what a person types to resume the run
   * @param clock wall time of records
   * @param opened told the run directory as soon as it belongs to this run, for instance to log
   *     there
   * @param casting the program's own rewards and actors
   * @param events of this run alone; those who have subscribed are told everything
   */
  public record Options(
      String command, Clock clock, Consumer<Path> opened, Casting casting, EventStream events) {
    /** The usual company. */
    public Options(String command, Clock clock, Consumer<Path> opened) {
      this(command, clock, opened, Casting.usual(), new EventStream());
    }

    /** The system's clock, nobody told. */
    public static Options usual(String command) {
      return new Options(command, WallClock.system(), directory -> {});
    }

    /** The same with another company and other observers. */
    public Options with(Casting others, EventStream stream) {
      return new Options(command, clock, opened, others, stream);
    }

    /** The same, telling somebody the run directory. */
    public Options telling(Consumer<Path> listener) {
      return new Options(command, clock, listener, casting, events);
    }
  }

  private EmbeddedRun(RunSettings settings, Options options, RunListener listener) {
    this.events = options.events();
    this.workshop =
        new Workshop(
            settings, options.casting(), Optional.empty(), accelerator -> new InProcessExchange());
    RunDirectory directory = null;
    try {
      workshop.requireMemory();
      directory = RunDirectory.open(settings.directory(), settings, options.clock());
      options.opened().accept(directory.path());
      Applicant applicant = workshop.applicant("", EnumSet.allOf(Role.class), "");
      RunListener all = events.and(listener);
      Office.Opening opening =
          workshop.opening(directory, applicant, options.command(), options.clock(), all);
      this.process =
          new CompanyProcess(
              how -> system(applicant, opening, options.clock(), how), (run, epoch) -> {});
    } catch (RuntimeException e) {
      if (directory != null) {
        directory.close();
      }
      workshop.close();
      throw e;
    }
  }

  private ActorSystem<Node.Command> system(
      Applicant applicant, Office.Opening opening, Clock clock, Node.Listener listener) {
    Node.OfficeStart office =
        (context, consequence) ->
            context.spawn(
                Office.create(
                    () -> opening, SteadyClock.from(clock), PATIENCE, consequence),
                "office");
    return ActorSystem.create(
        Node.create(applicant, workshop, office, PATIENCE, listener, context -> {}),
        "troupe",
        ConfigFactory.load(
            workshop.journal().withFallback(ConfigFactory.parseResources("troupe-akka.conf"))));
  }

  /**
   * Starts or resumes a run.
   *
   * @param listener told what happens, until the outcome is known
   * @throws RuntimeException with a sentence for people if the run cannot begin: bad settings, data
   *     or model, or a directory in use
   */
  public static EmbeddedRun start(RunSettings settings, Options options, RunListener listener) {
    return new EmbeddedRun(settings, options, listener);
  }

  /**
   * Waits for the outcome.
   *
   * @return empty if the run still goes on after that time
   */
  public Optional<RunOutcome> await(Duration time) throws InterruptedException {
    return process.await(time);
  }

  /** What happens from the moment of a subscription on; completes when the run is over. */
  public Flow.Publisher<Observation> events() {
    return events;
  }

  /** Asks the run to end at once; checkpoints stay, and so it can be resumed. */
  public void stop(String reason) {
    process.stop(reason, Duration.ZERO);
  }

  /**
   * Asks the run to end in order: the step under way is trained and saved, and groups that are in
   * work are kept. Its outcome is {@link RunOutcome.Paused} then.
   *
   * @param grace how long that may take; then it ends as it is
   */
  public void drain(String reason, Duration grace) {
    process.stop(reason, grace);
  }

  /** Tells what everybody is doing at this moment; fails if the company does not answer in time. */
  public CompletionStage<CompanyState> company() {
    return AskPattern.ask(
        process.system(), Node.AskCompany::new, ANSWER, process.system().scheduler());
  }

  /** Ends the company and releases everything; waits for native work to end. */
  @Override
  public void close() {
    process.close();
    workshop.close();
    finish(events);
  }

  /** Lets observers read to the end, but not for longer than a moment. */
  static void finish(EventStream events) {
    events.complete();
    try {
      events.settle(ANSWER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
