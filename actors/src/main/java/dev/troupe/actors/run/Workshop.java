package dev.troupe.actors.run;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import com.typesafe.config.Config;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunListener;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.experience.GroupStore;
import dev.troupe.actors.experience.LedgerDesk;
import dev.troupe.actors.generator.Decoder;
import dev.troupe.actors.generator.EngineDecoder;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.generator.RemoteDecoder;
import dev.troupe.actors.journal.JournalStorage;
import dev.troupe.actors.journal.JournalTerms;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.node.Applicant;
import dev.troupe.actors.node.Cast;
import dev.troupe.actors.node.Office;
import dev.troupe.actors.node.Program;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.reference.EngineModels;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.reward.ScoringDesk;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.stage.Deadlines;
import dev.troupe.actors.stage.Measuring;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StageKinds;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.Workbench;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.algorithms.Scalars;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.disk.DiskRoom;
import dev.troupe.runtime.ledger.Ledger;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.rollout.RolloutLog;
import dev.troupe.runtime.settings.JournalSettings;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.transport.DataPlane;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * What the roles of one process work with: device, data, tokenizer, rewards, threads. The same for
 * a company in one process and for a node of a cluster.
 */
final class Workshop implements Cast, AutoCloseable {
  private static final Duration DRAIN = Duration.ofSeconds(30);

  /**
   * Prompts that are read before the start to see that they fit; later ones are checked in turn.
   */
  private static final int PROMPTS_READ = 1000;

  private final RunSettings settings;
  private final Casting casting;
  private final Optional<DataPlane> plane;
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final RunMaterials materials;
  private final Accelerator accelerator;
  private final NumericType compute;
  private final Function<Ticket, Example> examples;
  private final RewardPanels panels;
  private final RolloutRows rows;
  private final RolloutLog rollouts;
  private final RunPlan plan;
  private final WeightsExchange exchange;
  private final ExecutorService generation;
  private final ExecutorService scoring;
  private final ExecutorService writing;
  private final ExecutorService training;
  private final ScoringDesk desk;
  private final LedgerDesk ledger;
  private final DiskRoom room;

  /**
   * Looks at everything that a person can have got wrong, before a file is written.
   *
   * @param casting the program's own rewards and actors
   * @param plane by which learners of several nodes train together; empty in one process
   * @param exchanges opens the exchange of weights on the device; the workshop closes it
   */
  Workshop(
      RunSettings settings,
      Casting casting,
      Optional<DataPlane> plane,
      Function<Accelerator, WeightsExchange> exchanges) {
    this.settings = settings;
    this.plane = plane;
    this.casting = casting;
    this.room = DiskRoom.of(settings.directory(), settings.disk().keepFreeBytes());
    try {
      this.materials = own(checked(() -> RunMaterials.of(settings)));
      settings.requireRoom(
          materials.longestPrompt(PROMPTS_READ), materials.prompts().config().context());
      this.accelerator = own(checked(() -> Accelerator.of(settings.device(), settings.threads())));
      this.compute = NumericType.valueOf(settings.compute().name());
      this.examples =
          ticket ->
              (ticket.purpose() == Purpose.EVALUATION
                      ? materials.data().heldOut()
                      : materials.data().train(ticket.id().phase()))
                  .get(ticket.example());
      this.panels = own(checked(() -> new RewardPanels(settings, casting.rewards(), examples)));
      this.rows =
          new RolloutRows(
              settings,
              materials.prompts().tokenizer(),
              examples,
              panels::components,
              materials.chatTemplate(settings));
      this.rollouts =
          own(
              new RolloutLog(
                  settings.directory(),
                  settings.records().rolloutMib() * (1L << 20),
                  Map.of("run", settings.name(), "settings", settings.settingsDigest())));
      this.plan = plan(Set.of());
      this.exchange = own(exchanges.apply(accelerator));
      this.generation = executor("generate", settings.generators());
      this.scoring = executor("reference", 1);
      this.writing = executor("save", 1);
      this.training = executor("train", 1);
      this.desk =
          own(
              new ScoringDesk(
                  panels,
                  Runtime.getRuntime().availableProcessors(),
                  rewardDeadline(),
                  settings.rewardAttempts()));
      this.ledger =
          own(
              new LedgerDesk(
                  settings.directory().resolve("ledger"),
                  Ledger.Retention.valueOf(settings.ledger().keep().name()),
                  room));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private <T> T checked(Supplier<T> making) {
    return Mistakes.gathered(settings, casting.rewards(), making);
  }

  /** Refuses a run of a whole company in this process that its memory cannot hold. */
  void requireMemory() {
    MemoryNeed.requireRoom(settings, plan, materials.prompts().config());
  }

  private RunPlan plan(Set<String> measured) {
    return StageKinds.standard()
        .plan(settings, materials.data(), materials.prompts().stopTokens(), measured)
        .withLearners(
            plane.isPresent() ? settings.learners() : 1,
            stage -> StageKinds.standard().isShared(settings, stage));
  }

  private Duration rewardDeadline() {
    return plan.stages().stream()
        .filter(stage -> stage.tickets().isPresent())
        .map(stage -> stage.deadlines().reward())
        .min(Duration::compareTo)
        .orElse(Deadlines.USUAL.reward());
  }

  /**
   * Who the node is that works here.
   *
   * @param secret fingerprint of the secret that it shares with the others
   */
  Applicant applicant(String node, Set<Role> roles, String secret) {
    List<Class<?>> modules = List.of(Scalars.class, RunSettings.class, Workshop.class);
    return new Applicant(
        node, roles, Program.identity(modules), secret, settings.resolved().render());
  }

  /** Why a node may not take part in the run of this one, if so. */
  private Optional<String> objection(Applicant own, Applicant other) {
    if (!own.program().equals(other.program())) {
      return Optional.of(
          "%s runs another version of the program (%s) than the supervisor (%s); start both from the same build."
              .formatted(other.node(), other.program(), own.program()));
    }
    if (!own.secret().equals(other.secret())) {
      return Optional.of(
          "%s has another secret than the supervisor; copy the supervisor's file (~/.troupe/secret, or what --secret names) there."
              .formatted(other.node()));
    }
    List<String> differences =
        RunSettings.differences(Recipe.parse(other.settings(), other.node()), settings);
    return differences.isEmpty()
        ? Optional.empty()
        : Optional.of(
            differences.stream()
                .map(difference -> "  " + difference)
                .collect(
                    Collectors.joining(
                        System.lineSeparator(),
                        "%s has other settings than the supervisor:%n".formatted(other.node()),
                        "%nStart it with the same recipe and the same overrides.".formatted())));
  }

  /**
   * Takes up the run that the directory holds.
   *
   * @param applicant who supervises
   * @param command what a person types to resume the run
   * @param clock wall time of records
   */
  Office.Opening opening(
      RunDirectory directory,
      Applicant applicant,
      String command,
      Clock clock,
      RunListener listener) {
    // In the run directory there is no other run.
    String id = settings.journal().isEmbedded() ? settings.name() : directory.id();
    JournalStorage storage = JournalStorage.open(directory.path(), settings.journal(), id);
    Set<String> measured =
        settings.evaluate().stages().stream()
            .filter(stage -> EvaluationFile.read(directory.path(), stage).isPresent())
            .collect(Collectors.toSet());
    RunPlan resumed = plan(measured);
    var facts =
        new RunRecords.Facts(
            new RunEvent.RunStarted(
                settings.name(),
                settings.device(),
                threads(),
                settings.directory().toString(),
                directory.epoch() > 0),
            command,
            directory.path(),
            directory.startedAt(),
            resumed.stages(),
            materials.data().heldOut()::get,
            panels.quantity(),
            panels.fullMark(),
            panels.wishes(settings.evaluate()),
            settings.seed(),
            () -> ReportSections.of(settings, directory.path()),
            this::recordEvaluation,
            room);
    return new Office.Opening(
        resumed,
        new JournalTerms(
            id,
            directory.epoch(),
            settings.settingsDigest(),
            settings.checkpoints().keep(),
            settings.journal().differences() == JournalSettings.Differences.ACCEPT),
        Recorder.create(
            new RunRecords(
                facts, own(Exports.of(settings, directory.path(), clock, listener)), clock)),
        other -> objection(applicant, other),
        () -> {
          storage.close();
          directory.close();
        });
  }

  /** What Akka is told of the journal of the run. */
  Config journal() {
    return JournalStorage.akka(settings.directory(), settings.journal());
  }

  private int threads() {
    return settings.threads() > 0 ? settings.threads() : Runtime.getRuntime().availableProcessors();
  }

  @Override
  public Behavior<Generator.Command> generator(
      String name, ActorRef<SupervisorCommand> supervisor) {
    return casting
        .generator()
        .play(Generator.create(name, supervisor, this::decoder, generation), name, supervisor);
  }

  private Decoder decoder() {
    return settings
        .generation()
        .<Decoder>map(server -> new RemoteDecoder(server, exchange, materials.prompts(), examples))
        .orElseGet(
            () -> new EngineDecoder(accelerator, compute, exchange, materials.prompts(), examples));
  }

  @Override
  public int generators() {
    return settings.generators();
  }

  @Override
  public Behavior<Reward.Command> reward() {
    return casting.reward().play(Reward.create(desk), examples);
  }

  @Override
  public Behavior<Reference.Command> reference() {
    Behavior<Reference.Command> usual =
        Reference.create(() -> new EngineModels(compute, exchange, materials.prompts()), scoring);
    return casting.reference().play(usual);
  }

  @Override
  public Behavior<Learner.Command> learner(int epoch, ActorRef<Experience.Command> experience) {
    Map<String, StagePlan> stages =
        plan.stages().stream().collect(Collectors.toMap(StagePlan::name, Function.identity()));
    Path directory = settings.directory();
    var bench =
        new Workbench(
            settings,
            directory,
            accelerator,
            exchange,
            materials.prompts(),
            materials.data(),
            epoch);
    Behavior<Learner.Command> usual =
        Learner.create(
            experience,
            new LearnerStudio(settings, stages, bench, exchange, plane, this::recorded),
            training,
            writing,
            epoch);
    return casting.learner().play(usual, experience);
  }

  @Override
  public GroupStore ledger() {
    return ledger;
  }

  private Course recorded(String stage, Course course) {
    return settings.records().rolloutShare() > 0
        ? new RecordedCourse(course, stage, rows, rollouts)
        : course;
  }

  /** Writes the completions of an evaluation, where rollouts are wanted. */
  private void recordEvaluation(StagePlan stage, Collection<ScoredGroup> groups) {
    if (settings.records().rolloutShare() > 0) {
      String subject = Measuring.subject(stage.name());
      List<ScoredGroup> evaluated = List.copyOf(groups);
      rollouts.evaluation(subject, () -> rows.evaluated(subject, steps(subject), evaluated));
    }
  }

  private long steps(String subject) {
    return plan.stages().stream()
        .filter(stage -> stage.name().equals(subject))
        .mapToLong(StagePlan::steps)
        .findFirst()
        .orElse(0);
  }

  @Override
  public int mostAttempts() {
    return plan.limits().grants();
  }

  @Override
  public Duration backoff() {
    return plan.limits().backoff();
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
    if (!executor.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
      executor.shutdownNow();
    }
  }

  private <T extends AutoCloseable> T own(T resource) {
    resources.push(resource);
    return resource;
  }

  @Override
  public void close() {
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
      LoggerFactory.getLogger(Workshop.class).warn("closing {} failed", resource, e);
    }
  }
}
