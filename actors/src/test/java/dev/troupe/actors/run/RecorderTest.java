package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.BehaviorTestKit;
import akka.actor.testkit.typed.javadsl.TestInbox;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.disk.DiskRoom;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.Quantity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
  @TempDir private Path directory;
  private final StagePlan stage = Samples.stage("grpo", 3, 0);
  private final TestInbox<SupervisorCommand> supervisor = TestInbox.create();
  private final TestInbox<RunOutcome> owner = TestInbox.create();
  private final List<RunEvent> events = new ArrayList<>();

  private RunRecords records() {
    var start = new RunEvent.RunStarted("test", "cpu", 1, directory.toString(), false);
    return new RunRecords(
        new RunRecords.Facts(
            start,
            "troupe run test.conf",
            directory,
            Instant.EPOCH,
            List.of(stage),
            index -> new Example("e" + index, "prompt " + index, "answer", Map.of()),
            Quantity.ACCURACY,
            1,
            EvaluationWishes.NONE,
            7,
            List::of,
            (measured, groups) -> {},
            DiskRoom.of(directory, 0)),
        events::add,
        Clock.systemUTC());
  }

  private final TestInbox<Experience.Command> experience = TestInbox.create();

  private Recorder.StepDone step(long stepsDone) {
    return new Recorder.StepDone(
        stage, stepsDone, Map.of("reward/mean", 0.5), 2, supervisor.getRef());
  }

  @Test
  void handlesItsWholeProtocol() throws Exception {
    var recorder = BehaviorTestKit.create(Recorder.create(records()));
    Ticket ticket = Samples.unit(Samples.versions(0)).tickets().get(0);
    var group =
        new ScoredGroup(Samples.group(ticket), List.of(Samples.scored(1), Samples.scored(0)), null);
    var samples =
        List.of(
            new Recorder.StageBegun(stage, Samples.versions(0)),
            step(1),
            new Recorder.StageDone(stage, Samples.versions(1)),
            new Recorder.CompletionTaken(group, experience.getRef()),
            new Recorder.EvaluationDone(stage, List.of(Samples.facts(ticket))),
            new Recorder.Warned("something"),
            new Recorder.RunEnded(new RunOutcome.Stopped("enough"), owner.getRef()));

    samples.forEach(recorder::run);

    Totality.assertCovers(Recorder.Command.class, samples);
    assertEquals(new SupervisorCommand.StepRecorded("grpo", 1), supervisor.receiveMessage());
    assertEquals(new RunOutcome.Stopped("enough"), owner.receiveMessage());
    var failed = assertInstanceOf(RunEvent.RunFailed.class, events.get(events.size() - 1));
    assertTrue(failed.whatNext().endsWith("troupe run test.conf"), failed.whatNext());
    assertTrue(Files.readString(directory.resolve("report.html")).contains("enough"));
  }

  @Test
  void endsTheRunWithACauseWhenTheDiskRefusesAndWritesNothingAfterTheGap() throws Exception {
    var recorder = BehaviorTestKit.create(Recorder.create(records()));
    Ticket ticket = Samples.unit(Samples.versions(0)).tickets().get(0);
    recorder.run(new Recorder.StageBegun(stage, Samples.versions(0)));
    Files.createFile(directory.resolve("evaluations")); // Where a directory is to be made.

    recorder.run(new Recorder.EvaluationDone(stage, List.of(Samples.facts(ticket))));
    recorder.run(step(1));
    recorder.run(new Recorder.RunEnded(new RunOutcome.Completed(Map.of()), owner.getRef()));

    var told = assertInstanceOf(SupervisorCommand.RoleFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.STOP, told.remedy());
    assertTrue(told.cause().contains("evaluations"), told.cause());
    assertEquals(new RunOutcome.Stopped(told.cause()), owner.receiveMessage());
    assertInstanceOf(RunEvent.RunFailed.class, events.get(events.size() - 1));
    assertEquals(List.of(), MetricsLog.read(directory.resolve("metrics.jsonl")));
  }

  @Test
  void forgetsTheStepsThatAReopenedStageDoesAgainAndKeepsTheTime() {
    try (RunRecords records = records()) {
      records.beginStage(stage, 0);
      for (long done = 1; done <= 3; done++) {
        records.addStep(stage, done, Map.of(), 2);
      }
      records.beginStage(stage, 1);
      records.addStep(stage, 2, Map.of(), 5);
    }

    var steps = MetricsLog.read(directory.resolve("metrics.jsonl"));
    assertEquals(List.of(1L, 2L), steps.stream().map(step -> step.step()).toList());
    assertEquals(7, steps.get(1).elapsedSeconds()); // 2 of the step that stayed + 5
  }

  @Test
  void countsARolloutWithoutARewardNeitherAsRightNorAsWrong() {
    try (RunRecords records = records()) {
      Ticket ticket = Samples.unit(Samples.versions(0)).tickets().get(0);
      var facts = Samples.facts(ticket);
      records.addEvaluation(
          stage,
          List.of(
              facts,
              new GroupFacts(
                  ticket.id(),
                  0,
                  9,
                  ticket.purpose(),
                  List.of(Double.NaN, 1.0),
                  List.of("no server"),
                  4,
                  1,
                  1,
                  0)));
    }

    EvaluationFile file = EvaluationFile.read(directory, "grpo").orElseThrow();
    assertEquals(Quantity.ACCURACY, file.measures());
    assertEquals(3, file.trials());
    assertEquals(1, file.failures());
    assertEquals(List.of(0.5, 1.0), file.correct()); // of 1.0, 0.0 and of 1.0 with full mark 1
  }
}
