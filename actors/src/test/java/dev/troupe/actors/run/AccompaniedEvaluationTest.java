package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluations in which frozen models have a say, with a real engine. */
class AccompaniedEvaluationTest {
  private static final String STAGES =
      """
      { name = sft, kind = sft, from = model, steps = 12, batch = 16 }
      { name = rm, kind = reward-model, from = sft, steps = 6, prompts = 8, group-size = 4
        measure-steps = 2, preference = [ { kind = digit-placement, weight = 1 } ] }
      { name = rl, kind = grpo, from = sft, steps = 3, prompts = 4, group-size = 4
        reward-model.stage = rm }
      """;
  private static final String[] EVALUATED = {
    "evaluate.stages=[sft, rl]",
    "evaluate.prompts=20",
    "evaluate.samples=4",
    "evaluate.temperature=1",
    "evaluate.best-of=[1, 4]",
    "evaluate.best-of-by=rm",
    "evaluate.reward-model=rm",
    "evaluate.filters=[none, best-of-n, best-random, best-worst, power]"
  };

  @TempDir private Path directory;

  @Test
  void aStageThatIsDoneBeforeTheRewardModelIsMeasuredOnceThatIsDone() throws Exception {
    RunSettings settings = SmallRuns.settings(directory.resolve("run"), STAGES, EVALUATED);

    assertInstanceOf(RunOutcome.Completed.class, SmallRuns.run(settings, 1));

    EvaluationFile sft = EvaluationFile.read(settings.directory(), "sft").orElseThrow();
    EvaluationFile rl = EvaluationFile.read(settings.directory(), "rl").orElseThrow();
    assertEquals(80, sft.trials());
    assertEquals(List.of(1, 4), sft.bestOf().stream().map(BestOfCompletions::n).toList());
    assertEquals(5, sft.details().filters().fits().size());
    assertEquals(20, sft.details().filters().prompts());
    // Nobody is any distance from himself, and the first stage is the reference of the contest.
    assertNull(sft.details().distance());
    ReferenceDistance distance = rl.details().distance();
    assertEquals("sft", distance.reference());
    assertEquals(20, distance.k3().size());
    assertTrue(distance.k3().stream().allMatch(nats -> nats >= 0), distance.toString());
    assertTrue(distance.k3().stream().anyMatch(nats -> nats > 0), distance.toString());
    String report = Files.readString(settings.directory().resolve("report.html"));
    assertTrue(report.contains("PF-PPO recommends filtration.strategy"), "no advice in the report");
    assertTrue(report.contains("KL to sft"), "no distance in the report");
  }

  @Test
  void aRunInterruptedBeforeTheRecalledStageIsMeasuredEndsAlike() throws Exception {
    RunSettings undisturbed = SmallRuns.settings(directory.resolve("a"), STAGES, EVALUATED);
    RunSettings disturbed = SmallRuns.settings(directory.resolve("b"), STAGES, EVALUATED);
    var expected = assertInstanceOf(RunOutcome.Completed.class, SmallRuns.run(undisturbed, 1));

    assertInstanceOf(
        RunOutcome.Stopped.class,
        SmallRuns.runUntil(
            disturbed,
            1,
            event ->
                event instanceof RunEvent.StepFinished finished
                    && finished.metrics().stage().equals("rm")
                    && finished.metrics().step() == 7));
    assertInstanceOf(
        RunOutcome.Stopped.class,
        SmallRuns.runUntil(
            disturbed,
            1,
            event ->
                event instanceof RunEvent.StepFinished finished
                    && finished.metrics().stage().equals("rl")
                    && finished.metrics().step() == 2));
    var actual = assertInstanceOf(RunOutcome.Completed.class, SmallRuns.run(disturbed, 1));

    assertEquals(expected.digests(), actual.digests());
    for (String stage : List.of("sft", "rl")) {
      EvaluationFile before = EvaluationFile.read(undisturbed.directory(), stage).orElseThrow();
      assertNotNull(before);
      assertEquals(before, EvaluationFile.read(disturbed.directory(), stage).orElseThrow());
    }
  }
}
