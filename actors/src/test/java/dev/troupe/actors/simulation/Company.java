package dev.troupe.actors.simulation;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.Behaviors;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.journal.JournalTerms;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.stage.Limits;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.supervisor.Supervisor;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.actors.supervisor.WaitList;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * A run of one stage by a company on simulated nodes. Who is lost leaves the lists of those who
 * need it after the time that a failure detector takes.
 */
final class Company implements AutoCloseable {
  static final Duration DETECTION = Duration.ofSeconds(10);

  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final Duration BACKOFF = Duration.ofMillis(250);
  private static final int MOST_ATTEMPTS = 5;

  /** What roles there are on nodes that come and go. */
  enum Kind {
    GENERATOR,
    REWARD,
    REFERENCE
  }

  private record Member(Kind kind, ActorRef<?> actor, Engine engine) {}

  private final World world;
  private final Storage storage;
  private final RunPlan plan;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<String, Integer> incarnations = new HashMap<>();
  private final Faults faults = new Faults();
  private final Labour labour;
  private ActorRef<SupervisorCommand> supervisor;
  private ActorRef<Recorder.Command> recorder;
  private ActorRef<Experience.Command> experience;
  private ActorRef<Learner.Command> learner;
  private String learnerNode;
  private String office;
  private int offices;
  private RunOutcome outcome;

  Company(World world, StagePlan stage, Limits limits) {
    this.world = world;
    this.storage = new Storage(stage);
    this.labour = new Labour(world, storage, faults);
    this.plan = new RunPlan("simulated", List.of(stage), Optional.empty(), limits);
    startOffice();
  }

  /** The supervisor with what the run directory holds; where it was before if it was there. */
  private void startOffice() {
    office = named("office");
    int epoch = offices++;
    world.start(
        office,
        context -> {
          recorder = context.spawn(recorder(), "recorder");
          ActorRef<RunOutcome> owner = context.spawn(owner(), "owner");
          supervisor =
              context.spawn(
                  Supervisor.create(
                      plan,
                      new JournalTerms("simulated", epoch, "settings", 2, false),
                      world.time().clock(),
                      PATIENCE,
                      recorder,
                      owner),
                  "supervisor");
        });
  }

  Storage storage() {
    return storage;
  }

  Faults faults() {
    return faults;
  }

  Optional<RunOutcome> outcome() {
    return Optional.ofNullable(outcome);
  }

  /** The actor that everybody asks for work. */
  ActorRef<SupervisorCommand> supervisor() {
    return supervisor;
  }

  /** Lets time pass until the run is over. */
  void passUntilItEnds(Duration most) {
    world.time().passUntil(() -> outcome != null, most);
  }

  /** Nodes of a kind that are there. */
  List<String> nodes(Kind kind) {
    return members.entrySet().stream()
        .filter(it -> it.getValue().kind() == kind)
        .map(Map.Entry::getKey)
        .toList();
  }

  String learnerNode() {
    return learnerNode;
  }

  /** A learner with an experience beside it, on a node of its own. */
  void startLearner() {
    String node = named("learner");
    learnerNode = node;
    var engine = new Engine(world, node, labour::learning);
    var writer = new Engine(world, node, labour::writing);
    world.start(
        node,
        context -> {
          experience =
              context.spawn(
                  Experience.create(supervisor, recorder, storage.ledger(faults), MOST_ATTEMPTS),
                  "experience");
          learner =
              context.spawn(
                  restarted(
                      Learner.create(experience, name -> storage.course(), engine, writer, 0)),
                  "learner");
        });
    tellMembers();
    supervisor.tell(new SupervisorCommand.LearnersListed(Set.of(learner)));
  }

  /** Ends the learner's node and starts another after a while, unless that happens already. */
  void replaceLearner(Duration absence) {
    if (learner == null) {
      return;
    }
    world.kill(learnerNode);
    experience = null;
    learner = null;
    world
        .time()
        .after(DETECTION, () -> supervisor.tell(new SupervisorCommand.LearnersListed(Set.of())));
    world.time().after(DETECTION.plus(absence), this::startLearner);
  }

  /**
   * Ends the supervisor's node and starts another after a while; then all others begin anew with
   * the new one, as the sessions of nodes do.
   */
  void replaceOffice(Duration absence) {
    String old = office;
    world.kill(old);
    world
        .time()
        .after(
            DETECTION.plus(absence),
            () -> {
              startOffice();
              if (learner != null) {
                world.kill(learnerNode);
              }
              startLearner();
              for (Map.Entry<String, Member> member : List.copyOf(members.entrySet())) {
                String node = member.getKey();
                members.remove(node);
                world.kill(node);
                join(member.getValue().kind(), node.substring(0, (node + '.').indexOf('.')));
              }
            });
  }

  /** Starts a node with one role. */
  void join(Kind kind, String name) {
    String node = named(name);
    switch (kind) {
      case GENERATOR -> {
        double slowness = 0.5 + (Content.mix(node.hashCode(), 5) >>> 11) * 0x1p-53 * 1.5;
        var engine = new Engine(world, node, message -> labour.decoding(message, slowness));
        world.start(
            node,
            context -> {
              Behavior<Generator.Command> generator =
                  Generator.create(
                      "generator-1@" + name, supervisor, () -> labour.decoder(node), engine);
              members.put(
                  node, new Member(kind, context.spawn(restarted(generator), "generator"), engine));
            });
      }
      case REWARD -> {
        Behavior<Reward.Command> reward = Reward.create(labour::judged);
        world.start(
            node,
            context -> members.put(node, new Member(kind, context.spawn(reward, "reward"), null)));
      }
      case REFERENCE -> {
        var engine =
            new Engine(
                world,
                node,
                message -> labour.unless(Faults.Hang.REFERENCE, Duration.ofSeconds(2)));
        world.start(
            node,
            context -> {
              Behavior<Reference.Command> reference = Reference.create(labour::frozen, engine);
              members.put(
                  node, new Member(kind, context.spawn(restarted(reference), "reference"), engine));
            });
      }
    }
    tellMembers();
  }

  /** Ends a node at once; the others learn it when they would. */
  void lose(String node) {
    Member member = members.remove(node);
    world.kill(node);
    world.time().after(DETECTION, this::tellMembers);
    if (member == null) {
      throw new IllegalArgumentException("there is no node " + node);
    }
  }

  /** Halts a node for a while; it is out of reach meanwhile if that is long enough. */
  void freeze(String node, Duration time) {
    world.freeze(node);
    if (time.compareTo(DETECTION) > 0) {
      Member member = members.get(node);
      world
          .time()
          .after(
              DETECTION,
              () -> {
                if (members.remove(node, member)) {
                  tellMembers();
                }
              });
      world
          .time()
          .after(
              time,
              () -> {
                if (world.isThere(node)) {
                  members.put(node, member);
                  tellMembers();
                }
              });
    }
    world.time().after(time, () -> world.thaw(node));
  }

  /** Whatever a node computes from now on never comes to its end. */
  void hang(String node) {
    members.get(node).engine().hang();
  }

  /** Who is out of reach of the office leaves the lists, and comes back. */
  void part(Set<String> aside, Duration time) {
    world.network().part(aside::contains);
    var away = new LinkedHashMap<String, Member>();
    if (time.compareTo(DETECTION) > 0) {
      world
          .time()
          .after(
              DETECTION,
              () -> {
                aside.forEach(
                    node -> {
                      Member member = members.remove(node);
                      if (member != null) {
                        away.put(node, member);
                      }
                    });
                tellMembers();
              });
    }
    world
        .time()
        .after(
            time,
            () -> {
              world.network().heal();
              away.forEach(
                  (node, member) -> {
                    if (world.isThere(node)) {
                      members.put(node, member);
                    }
                  });
              tellMembers();
            });
  }

  /** What the run waits for. */
  WaitList waits() {
    var answer = new CompletableFuture<WaitList>();
    world.start(
        named("asker"),
        context -> {
          ActorRef<WaitList> asker =
              context.spawn(
                  Behaviors.receiveMessage(
                      waits -> {
                        answer.complete(waits);
                        return Behaviors.stopped();
                      }),
                  "asker");
          supervisor.tell(new SupervisorCommand.AskWaits(asker));
        });
    world.time().passUntil(answer::isDone, Duration.ofSeconds(1));
    return answer.getNow(null);
  }

  private String named(String name) {
    int incarnation = incarnations.merge(name, 1, Integer::sum);
    return incarnation == 1 ? name : name + "." + incarnation;
  }

  private void tellMembers() {
    supervisor.tell(new SupervisorCommand.GeneratorsListed(listed(Kind.GENERATOR)));
    supervisor.tell(new SupervisorCommand.RewardsListed(nodes(Kind.REWARD).size()));
    supervisor.tell(new SupervisorCommand.ReferencesListed(nodes(Kind.REFERENCE).size()));
    if (experience != null) {
      experience.tell(new Experience.RewardsListed(listed(Kind.REWARD)));
      experience.tell(new Experience.ReferencesListed(listed(Kind.REFERENCE)));
    }
  }

  private <T> Set<ActorRef<T>> listed(Kind kind) {
    return members.values().stream()
        .filter(it -> it.kind() == kind)
        .map(it -> it.actor().<T>unsafeUpcast())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static <T> Behavior<T> restarted(Behavior<T> role) {
    return Behaviors.supervise(role)
        .onFailure(
            Exception.class,
            SupervisorStrategy.restartWithBackoff(BACKOFF, BACKOFF.multipliedBy(10), 0));
  }

  /** Stands for the files of the run directory. */
  private Behavior<Recorder.Command> recorder() {
    return Behaviors.receiveMessage(
        message -> {
          if (message instanceof Recorder.StepDone
              && faults.hangs.contains(Faults.Hang.RECORDING)) {
            return Behaviors.same();
          } else if (message instanceof Recorder.StepDone done) {
            storage.recorded(done.stepsDone());
            done.replyTo()
                .tell(new SupervisorCommand.StepRecorded(done.stage().name(), done.stepsDone()));
          } else if (message instanceof Recorder.Warned warned) {
            storage.warned(warned.sentence());
          } else if (message instanceof Recorder.RunEnded ended) {
            ended.owner().tell(ended.outcome());
          }
          return Behaviors.same();
        });
  }

  private Behavior<RunOutcome> owner() {
    return Behaviors.receiveMessage(
        ended -> {
          outcome = ended;
          return Behaviors.same();
        });
  }

  @Override
  public void close() {
    world.close();
  }
}
