package dev.troupe.actors.learner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import akka.actor.testkit.typed.javadsl.BehaviorTestKit;
import akka.actor.testkit.typed.javadsl.TestInbox;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.checkpoint.CheckpointException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LearnerTest {
  private static final String STAGE = "sft";

  private final TestInbox<Experience.Command> experience = TestInbox.create();
  private final TestInbox<SupervisorCommand> supervisor = TestInbox.create();
  private final TestInbox<Learner.Command> lead = TestInbox.create();
  private final List<String> calls = new ArrayList<>();
  private final Deque<Runnable> written = new ArrayDeque<>();
  private RuntimeException failure;
  private long orders;

  private final BehaviorTestKit<Learner.Command> learner =
      BehaviorTestKit.create(
          Learner.create(experience.getRef(), FakeCourse::new, Runnable::run, written::add, 0));

  private final class FakeCourse implements Course {
    private final String name;

    FakeCourse(String name) {
      this.name = name;
    }

    @Override
    public List<VersionSet> open() {
      calls.add("open " + name);
      return List.of(Samples.versions(0));
    }

    @Override
    public StepResult train(long step, List<ScoredGroup> groups) {
      if (failure != null) {
        throw failure;
      }
      calls.add("train " + step + " on " + groups.size());
      return new StepResult(Samples.versions(step + 1), Map.of(), 1);
    }

    @Override
    public Runnable save(long stepsDone) {
      calls.add("save " + stepsDone);
      return () -> {
        if (failure != null) {
          throw failure;
        }
        calls.add("written " + stepsDone);
      };
    }

    @Override
    public VersionSet conclude() {
      calls.add("conclude " + name);
      return Samples.versions(3);
    }

    @Override
    public void close() {
      calls.add("close " + name);
    }
  }

  private Learner.Train train(long step, List<TicketId> tickets) {
    return new Learner.Train(++orders, STAGE, step, tickets, null, supervisor.getRef());
  }

  /** Lets the writer do what waits for it. */
  private void write() {
    while (!written.isEmpty()) {
      written.remove().run();
    }
  }

  private void open() {
    learner.run(new Learner.Open(++orders, STAGE, List.of(), supervisor.getRef()));
    write();
    learner.runOne();
    supervisor.receiveMessage();
    experience.receiveMessage(); // It drops the groups of the stage before.
  }

  @Test
  void handlesItsWholeProtocol() {
    var order = train(0, List.of());
    var samples =
        List.of(
            new Learner.Open(0, STAGE, List.of(), supervisor.getRef()),
            order,
            new Learner.Received(order, new Experience.Taken(List.of())),
            new Learner.Save(2, STAGE, 1, supervisor.getRef()),
            new Learner.Conclude(3, STAGE, supervisor.getRef()),
            new Learner.Taken(new Learner.Save(2, STAGE, 1, supervisor.getRef()), () -> {}, null),
            new Learner.Done(order, new SupervisorCommand.Stop("sample", Duration.ZERO), null),
            new Learner.Repeat(),
            new Learner.Late(order),
            new CrewCommand.Enlisted("a", learner.getRef(), "here"),
            new CrewCommand.Begun("a", 1, "0"),
            new CrewCommand.Noted("a", 1, 0, 0),
            new CrewCommand.Studied("a", 1, 0, "0"),
            new CrewCommand.Assisting("a", 1, 1),
            new CrewCommand.Faltered("a", 1, "no", Remedy.REOPEN),
            new CrewCommand.Enlist("b", lead.getRef()),
            new CrewCommand.Study("b", 0, 0, 1, List.of()),
            new CrewCommand.Assist("b", 1),
            new CrewCommand.Dismiss("b"),
            new CrewCommand.Begin(new Studio.Seat("c", 0, List.of("here", "there"), 1), STAGE));

    samples.forEach(learner::run);

    Totality.assertCovers(Learner.Command.class, samples);
  }

  @Test
  void closesTheLastStageBeforeItOpensTheNext() {
    open();

    learner.run(new Learner.Open(++orders, "dpo", List.of(), supervisor.getRef()));
    write();

    assertEquals(List.of("open sft", "close sft", "open dpo"), calls);
  }

  @Test
  void trainsOnWhileACheckpointIsWrittenAndSaysSavedWhenItIs() {
    open();
    var save = new Learner.Save(++orders, STAGE, 1, supervisor.getRef());
    learner.run(save);
    Learner.Train train = train(1, List.of());
    learner.run(train); // It waits until the checkpoint is taken.
    assertEquals(List.of("open sft", "save 1"), calls);
    learner.runOne();
    learner.runOne();
    assertInstanceOf(SupervisorCommand.Trained.class, supervisor.receiveMessage());
    learner.run(save); // It comes again, because it is not answered.
    assertFalse(supervisor.hasMessages());

    write();
    learner.runOne();

    var saved = new SupervisorCommand.Saved(save.number(), STAGE, 1);
    assertEquals(saved, supervisor.receiveMessage());
    learner.run(save); // The answer was lost.
    assertEquals(saved, supervisor.receiveMessage());
    learner.run(train);
    assertInstanceOf(SupervisorCommand.Trained.class, supervisor.receiveMessage());
    assertEquals(List.of("open sft", "save 1", "train 1 on 0", "written 1"), calls);
  }

  @Test
  void concludesOnlyBehindACheckpointThatIsBeingWritten() {
    open();
    learner.run(new Learner.Save(++orders, STAGE, 1, supervisor.getRef()));
    learner.run(new Learner.Conclude(++orders, STAGE, supervisor.getRef()));
    learner.runOne();
    assertEquals(List.of("open sft", "save 1"), calls);

    write();

    assertEquals(List.of("open sft", "save 1", "written 1", "conclude sft"), calls);
  }

  @Test
  void doesNotTrainPastACheckpointWhoseOrderWasLost() {
    open();
    var lost = new Learner.Save(++orders, STAGE, 1, supervisor.getRef());
    Learner.Train train = train(1, List.of());
    learner.run(train);
    assertEquals(List.of("open sft"), calls);

    learner.run(lost); // Both come again.
    learner.run(train);
    learner.runOne();

    assertEquals(List.of("open sft", "save 1", "train 1 on 0"), calls);
  }

  @Test
  void stopsTheRunWhenACheckpointCannotBeWritten() {
    open();
    failure = new CheckpointException("cannot write step-1: no space left", null);
    learner.run(new Learner.Save(++orders, STAGE, 1, supervisor.getRef()));
    learner.runOne();
    write();

    assertThrows(IllegalStateException.class, learner::runOne);

    var failed = assertInstanceOf(SupervisorCommand.OrderFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.STOP, failed.remedy());
    assertEquals("cannot write step-1: no space left", failed.cause());
  }

  @Test
  void answersAnOrderAgainWithoutCarryingItOutAgain() {
    open();
    Learner.Train order = train(0, List.of());
    learner.run(order);
    learner.run(order); // The supervisor has not heard of it yet.
    learner.runOne();
    var answer = supervisor.receiveMessage();

    learner.run(order); // The answer was lost.

    assertEquals(answer, supervisor.receiveMessage());
    assertEquals(List.of("open sft", "train 0 on 0"), calls);
  }

  @Test
  void asksToBeReopenedAfterItWasStartedAgain() {
    learner.run(train(4, List.of())); // It knows of no stage.

    var failed = assertInstanceOf(SupervisorCommand.OrderFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.REOPEN, failed.remedy());
    assertEquals(List.of(), calls);
  }

  @Test
  void hasTheExperienceForgetWhatIsTrained() {
    open();
    var before = new TicketId("grpo", 8);
    learner.run(new Learner.Train(++orders, STAGE, 0, List.of(), before, supervisor.getRef()));
    learner.runOne();

    assertInstanceOf(Experience.Know.class, experience.receiveMessage());
    assertEquals(new Experience.Forget("grpo", 8), experience.receiveMessage());
    assertInstanceOf(Experience.Know.class, experience.receiveMessage());
  }

  @Test
  void takesTheGroupsOfItsTicketsFromTheExperience() {
    open();
    List<TicketId> tickets = List.of(new TicketId("grpo", 4));
    assertInstanceOf(Experience.Know.class, experience.receiveMessage());

    learner.run(train(0, tickets));

    var take = assertInstanceOf(Experience.Take.class, experience.receiveMessage());
    assertEquals(tickets, take.tickets());
    assertEquals(List.of("open sft"), calls);
  }

  @Test
  void asksToBeReopenedWhenAStepFails() {
    open();
    failure = new ArithmeticException("the gradient is not finite");
    learner.run(train(0, List.of()));

    assertThrows(IllegalStateException.class, learner::runOne);

    var failed = assertInstanceOf(SupervisorCommand.OrderFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.REOPEN, failed.remedy());
  }

  @Test
  void endsTheRunWithTheSentenceWhenTheInputIsAtFault() {
    open();
    failure = new RunException("Example 4 has no answer to learn from.");
    learner.run(train(0, List.of()));

    assertThrows(IllegalStateException.class, learner::runOne);

    var failed = assertInstanceOf(SupervisorCommand.OrderFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.STOP, failed.remedy());
    assertEquals("Example 4 has no answer to learn from.", failed.cause());
  }
}
