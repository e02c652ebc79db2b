package dev.troupe.actors.run;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunListener;
import dev.troupe.actors.generator.EngineDecoder;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.reference.EngineModels;
import dev.troupe.actors.reward.ScoringDesk;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StageKinds;
import dev.troupe.actors.stage.Workbench;
import dev.troupe.actors.supervisor.CompanyState;
import dev.troupe.actors.weights.InProcessExchange;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

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
  private static final Duration SHUTDOWN = Duration.ofSeconds(30);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final int REWARD_ATTEMPTS = 2;

  /**
   * Prompts that are read before the start to see that they fit; later ones are checked in turn.
   */
  private static final int PROMPTS_READ = 1000;

  private final CompletableFuture<RunOutcome> outcome = new CompletableFuture<>();
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private ActorSystem<Company.Command> system;

  /**
   * How a run is carried out, beside what it computes.
   *
   * @param generators generator actors; more than one decodes units side by side
   * @param command what a person types to resume the run
   * @param clock wall time of records
   * @param opened told the run directory as soon as it belongs to this run, for instance to log
   *     there
   */
  public record Options(int generators, String command, Clock clock, Consumer<Path> opened) {
    /** One generator, the system's clock, nobody told. */
    public static Options usual(String command) {
      return new Options(1, command, Clock.systemUTC(), directory -> {});
    }

    /** The same, telling somebody the run directory. */
    public Options telling(Consumer<Path> listener) {
      return new Options(generators, command, clock, listener);
    }
  }

  private EmbeddedRun() {}

  /**
   * Starts or resumes a run.
   *
   * @param listener told what happens, until the outcome is known
   * @throws RuntimeException with a sentence for people if the run cannot begin: bad settings, data
   *     or model, or a directory in use
   */
  public static EmbeddedRun start(RunSettings settings, Options options, RunListener listener) {
    var run = new EmbeddedRun();
    try {
      run.begin(settings, options, listener);
      return run;
    } catch (RuntimeException e) {
      run.close();
      throw e;
    }
  }

  private void begin(RunSettings settings, Options options, RunListener listener) {
    // Everything that a person can have got wrong is looked at before a file is written.
    RunMaterials materials = own(RunMaterials.of(settings));
    settings.requireRoom(
        materials.longestPrompt(PROMPTS_READ), materials.prompts().config().context());
    Accelerator accelerator = own(Accelerator.of(settings.device(), settings.threads()));
    var exchange = own(new InProcessExchange());
    TaskData data = materials.data();
    Function<Ticket, Example> examples =
        ticket ->
            (ticket.purpose() == Purpose.EVALUATION
                    ? data.heldOut()
                    : data.train(ticket.id().phase()))
                .get(ticket.example());
    var panels = new RewardPanels(settings, RewardCatalog.standard(), examples);
    RunDirectory directory =
        own(RunDirectory.open(settings.directory(), settings, options.clock()));
    options.opened().accept(directory.path());
    RunPlan plan = plan(settings, materials, directory);
    NumericType compute = NumericType.valueOf(settings.compute().name());
    var bench =
        new Workbench(
            settings,
            directory.path(),
            accelerator,
            exchange,
            materials.prompts(),
            data,
            directory.epoch());
    RunRecords records =
        new RunRecords(
            new RunRecords.Facts(
                new RunEvent.RunStarted(
                    settings.name(),
                    settings.device(),
                    threads(settings),
                    settings.directory().toString(),
                    directory.epoch() > 0),
                options.command(),
                directory.path(),
                directory.startedAt(),
                plan.stages(),
                data.heldOut()::get,
                panels.quantity(),
                panels.fullMark(),
                panels.wishes(settings.evaluate()),
                settings.seed()),
            listener,
            options.clock());
    int cores = Runtime.getRuntime().availableProcessors();
    var equipment =
        new Company.Equipment(
            () -> new EngineDecoder(accelerator, compute, exchange, materials.prompts(), examples),
            options.generators(),
            executor("generate", options.generators()),
            () -> new EngineModels(compute, exchange, materials.prompts()),
            executor("reference", 1),
            own(new ScoringDesk(panels, cores, rewardDeadline(plan), REWARD_ATTEMPTS)),
            stage -> StageKinds.standard().course(stage, bench),
            executor("train", 1),
            records);
    system =
        ActorSystem.create(
            Company.create(plan, equipment, options.clock(), outcome::complete),
            "troupe",
            ConfigFactory.load("troupe-akka").withFallback(ConfigFactory.load()));
  }

  private static RunPlan plan(
      RunSettings settings, RunMaterials materials, RunDirectory directory) {
    Set<String> measured =
        settings.evaluate().stages().stream()
            .filter(stage -> EvaluationFile.read(directory.path(), stage).isPresent())
            .collect(Collectors.toSet());
    return StageKinds.standard()
        .plan(settings, materials.data(), materials.prompts().stopTokens(), measured);
  }

  private static Duration rewardDeadline(RunPlan plan) {
    return plan.stages().stream()
        .map(stage -> stage.deadlines().reward())
        .min(Duration::compareTo)
        .orElseThrow();
  }

  private static int threads(RunSettings settings) {
    return settings.threads() > 0 ? settings.threads() : Runtime.getRuntime().availableProcessors();
  }

  private ExecutorService executor(String role, int threads) {
    ExecutorService executor =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              var thread = new Thread(task, "troupe-" + role);
              thread.setDaemon(true);
              return thread;
            });
    own(() -> drain(executor));
    return executor;
  }

  /** Lets native work end before what it uses is closed. */
  private static void drain(ExecutorService executor) throws InterruptedException {
    executor.shutdown();
    if (!executor.awaitTermination(SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS)) {
      executor.shutdownNow();
    }
  }

  private <T extends AutoCloseable> T own(T resource) {
    resources.push(resource);
    return resource;
  }

  /**
   * Waits for the outcome.
   *
   * @return empty if the run still goes on after that time
   */
  public Optional<RunOutcome> await(Duration time) throws InterruptedException {
    try {
      return Optional.of(outcome.get(time.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the outcome of a run is never an exception", e);
    }
  }

  /** Asks the run to end after what it is doing; checkpoints stay, and so it can be resumed. */
  public void stop(String reason) {
    system.tell(new Company.Stop(reason));
  }

  /** Tells what everybody is doing at this moment; fails if the company does not answer in time. */
  public CompletionStage<CompanyState> company() {
    return AskPattern.ask(system, Company.Ask::new, ANSWER, system.scheduler());
  }

  /** Ends the company and releases everything; waits for native work to end. */
  @Override
  public void close() {
    if (system != null) {
      system.terminate();
      try {
        system
            .getWhenTerminated()
            .toCompletableFuture()
            .get(SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        system.log().warn("the company did not end in {}", SHUTDOWN, e);
      }
    }
    while (!resources.isEmpty()) {
      closeOne(resources.pop());
    }
  }

  private static void closeOne(AutoCloseable resource) {
    try {
      resource.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LoggerFactory.getLogger(EmbeddedRun.class).warn("closing {} failed", resource, e);
    }
  }
}
