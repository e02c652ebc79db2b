package dev.troupe.actors.learner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.Behaviors;
import dev.troupe.actors.Samples;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Learners that train together, with courses that only say what was asked of them. */
class CrewTest {
  private static final String STAGE = "sft";

  private final ActorTestKit kit = ActorTestKit.create();
  private final TestProbe<SupervisorCommand> supervisor = kit.createTestProbe();
  private final TestProbe<Experience.Command> experience = kit.createTestProbe();
  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private long orders;

  @AfterEach
  void close() {
    kit.shutdownTestKit();
  }

  private class FakeCourse implements Course {
    private final String who;

    FakeCourse(String who) {
      this.who = who;
    }

    @Override
    public List<VersionSet> open() {
      calls.add(who + " opens");
      return List.of(Samples.versions(0));
    }

    @Override
    public StepResult train(long step, List<ScoredGroup> groups) {
      calls.add(who + " trains " + step + " on " + groups.size());
      return new StepResult(Samples.versions(step + 1), Map.of(), 1);
    }

    @Override
    public Runnable save(long stepsDone) {
      calls.add(who + " saves " + stepsDone);
      return () -> {};
    }

    @Override
    public void assist(long stepsDone) {
      calls.add(who + " assists " + stepsDone);
    }

    @Override
    public VersionSet conclude() {
      calls.add(who + " concludes");
      return Samples.versions(1);
    }

    @Override
    public void close() {
      calls.add(who + " closes");
    }
  }

  /** A studio whose courses behave as the subclass says. */
  private class FakeStudio implements Studio {
    private final String who;

    FakeStudio(String who) {
      this.who = who;
    }

    Course shared(Seat seat) {
      return new FakeCourse(who + seat.rank());
    }

    @Override
    public Course course(String stage) {
      return new FakeCourse(who);
    }

    @Override
    public Optional<Ensemble> ensemble() {
      return Optional.of(
          new Ensemble() {
            @Override
            public boolean isShared(String stage) {
              return stage.equals(STAGE);
            }

            @Override
            public String endpoint() {
              return who + "'s place";
            }

            @Override
            public Course course(String stage, Seat seat) {
              assertEquals(List.of("lead's place", "follower's place"), seat.endpoints());
              return shared(seat);
            }

            @Override
            public Duration patience(String stage) {
              return Duration.ofMinutes(1);
            }
          });
    }
  }

  private ActorRef<Learner.Command> learner(Studio studio) {
    Behavior<Learner.Command> behavior =
        Behaviors.supervise(
                Learner.create(experience.getRef(), studio, Runnable::run, Runnable::run, 0))
            .onFailure(SupervisorStrategy.restart());
    return kit.spawn(behavior);
  }

  private Learner.Open open(String stage, List<ActorRef<Learner.Command>> followers) {
    return new Learner.Open(++orders, stage, followers, supervisor.getRef());
  }

  private static ScoredGroup group(long ordinal) {
    Ticket ticket = Samples.unit(Samples.versions(0)).tickets().get((int) ordinal);
    Group group = Samples.group(ticket);
    return new ScoredGroup(group, Samples.rewards(ticket).outcomes(), null);
  }

  @Test
  void allDoTheSameStepsAndTheLeadAloneAnswersAndSaves() {
    ActorRef<Learner.Command> follower = learner(new FakeStudio("follower"));
    ActorRef<Learner.Command> lead = learner(new FakeStudio("lead"));

    lead.tell(open(STAGE, List.of(follower)));
    supervisor.expectMessageClass(SupervisorCommand.StageOpened.class);
    experience.expectMessageClass(Experience.Clear.class);
    experience.expectMessageClass(Experience.Know.class);
    List<TicketId> tickets = List.of(group(0).ticket().id(), group(1).ticket().id());
    lead.tell(new Learner.Train(++orders, STAGE, 0, tickets, null, supervisor.getRef()));
    Experience.Take take = experience.expectMessageClass(Experience.Take.class);
    take.replyTo().tell(new Experience.Taken(List.of(group(0), group(1))));
    supervisor.expectMessageClass(SupervisorCommand.Trained.class);
    lead.tell(new Learner.Save(++orders, STAGE, 1, supervisor.getRef()));
    supervisor.expectMessageClass(SupervisorCommand.Saved.class);
    lead.tell(new Learner.Conclude(++orders, STAGE, supervisor.getRef()));
    supervisor.expectMessageClass(SupervisorCommand.StageConcluded.class);
    lead.tell(open("essa", List.of(follower)));
    supervisor.expectMessageClass(SupervisorCommand.StageOpened.class);
    supervisor.awaitAssert(
        () -> {
          assertTrue(calls.contains("follower1 closes"), calls::toString);
          return null;
        });

    // All begin from the checkpoint that the lead has found.
    assertTrue(calls.indexOf("lead0 opens") < calls.indexOf("follower1 opens"), calls::toString);
    assertEquals(
        List.of(
            "lead0 opens",
            "lead0 trains 0 on 2",
            "lead0 saves 1",
            "lead0 concludes",
            "lead0 closes",
            "lead opens"),
        calls.stream().filter(it -> it.startsWith("lead")).toList());
    assertEquals(
        List.of(
            "follower1 opens",
            "follower1 trains 0 on 2",
            "follower1 assists 1",
            "follower1 closes"),
        calls.stream().filter(it -> it.startsWith("follower")).toList());
  }

  @Test
  void aStageThatCannotBeSharedIsTrainedByTheLeadAlone() {
    ActorRef<Learner.Command> follower = learner(new FakeStudio("follower"));
    ActorRef<Learner.Command> lead = learner(new FakeStudio("lead"));

    lead.tell(open("essa", List.of(follower)));

    supervisor.expectMessageClass(SupervisorCommand.StageOpened.class);
    assertEquals(List.of("lead opens"), calls);
  }

  @Test
  void aFollowerThatDoesNotAnswerIsLeftOut() {
    TestProbe<Learner.Command> silent = kit.createTestProbe();
    ActorRef<Learner.Command> lead = learner(new FakeStudio("lead"));

    lead.tell(open(STAGE, List.of(silent.getRef())));

    supervisor.expectMessageClass(SupervisorCommand.StageOpened.class, Duration.ofSeconds(20));
    assertEquals(List.of("lead opens"), calls);
  }

  @Test
  void otherWeightsThanTheLeadsEndTheRun() {
    ActorRef<Learner.Command> follower =
        learner(
            new FakeStudio("follower") {
              @Override
              Course shared(Seat seat) {
                return new FakeCourse("follower") {
                  @Override
                  public StepResult train(long step, List<ScoredGroup> groups) {
                    return new StepResult(Samples.versions(step + 2), Map.of(), 1);
                  }
                };
              }
            });
    ActorRef<Learner.Command> lead = learner(new FakeStudio("lead"));
    lead.tell(open(STAGE, List.of(follower)));
    supervisor.expectMessageClass(SupervisorCommand.StageOpened.class);

    lead.tell(new Learner.Train(++orders, STAGE, 0, List.of(), null, supervisor.getRef()));

    var failed = supervisor.expectMessageClass(SupervisorCommand.OrderFailed.class);
    assertEquals(Remedy.STOP, failed.remedy());
    assertTrue(failed.cause().contains("other weights than the lead"), failed.cause());
  }

  @Test
  void aFollowerThatFailsHasTheStageReopened() {
    ActorRef<Learner.Command> follower =
        learner(
            new FakeStudio("follower") {
              @Override
              Course shared(Seat seat) {
                return new FakeCourse("follower") {
                  @Override
                  public StepResult train(long step, List<ScoredGroup> groups) {
                    throw new TransportException("learner 1 of 2 gave nothing");
                  }
                };
              }
            });
    ActorRef<Learner.Command> lead = learner(new FakeStudio("lead"));
    lead.tell(open(STAGE, List.of(follower)));
    supervisor.expectMessageClass(SupervisorCommand.StageOpened.class);

    lead.tell(new Learner.Train(++orders, STAGE, 0, List.of(), null, supervisor.getRef()));

    var failed = supervisor.expectMessageClass(SupervisorCommand.OrderFailed.class);
    assertEquals(Remedy.REOPEN, failed.remedy());
    assertTrue(failed.cause().contains("learner 1 of 2 gave nothing"), failed.cause());
    lead.tell(open(STAGE, List.of()));
    supervisor.expectMessageClass(SupervisorCommand.StageOpened.class);
  }
}
