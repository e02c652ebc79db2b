package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints of stages that are done, and that later stages stand on, go bad. */
class DamagedCheckpointTest {
  @TempDir private static Path sound;
  private static Map<String, String> digests;

  @TempDir private Path directory;

  @BeforeAll
  static void runUndisturbed() throws InterruptedException {
    digests = SmallRuns.complete(settings(sound));
  }

  private static RunSettings settings(Path directory) {
    return SmallRuns.settings(directory, SmallRuns.STAGES);
  }

  private void copySoundRun() throws IOException {
    try (Stream<Path> files = Files.walk(sound)) {
      for (Path file : files.skip(1).toList()) {
        Files.copy(file, directory.resolve(sound.relativize(file).toString()));
      }
    }
  }

  /** Changes a bit of the weights. */
  private void damage(String checkpoint) {
    Path weights =
        directory.resolve("checkpoints").resolve(checkpoint).resolve("model.safetensors");
    try (var file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.seek(file.length() - 1);
      int last = file.read();
      file.seek(file.length() - 1);
      file.write(last ^ 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RunOutcome run(List<String> warnings) throws InterruptedException {
    return SmallRuns.runUntil(
        settings(directory),
        1,
        event -> {
          if (event instanceof RunEvent.WarningRaised warning) {
            warnings.add(warning.sentence());
          }
          return false;
        });
  }

  private static List<String> steps(Path run) {
    return MetricsLog.read(run.resolve("metrics.jsonl")).stream()
        .map(step -> step.stage() + " " + step.step() + " loss " + step.values().get("loss"))
        .toList();
  }

  private void assertSameAsUndisturbed(RunOutcome outcome) throws Exception {
    var completed = assertInstanceOf(RunOutcome.Completed.class, outcome, outcome.toString());
    assertEquals(digests, completed.digests());
    assertEquals(steps(sound), steps(directory));
    assertLinesMatch(Rollouts.of(sound), Rollouts.of(directory));
  }

  // The first is trained on data, the second on samples that the ledger has let go.
  @ParameterizedTest
  @CsvSource({"base, 6, 4", "dpo, 4, 2"})
  void theStepsAfterTheCheckpointBeforeAreTrainedAgain(String stage, int last, int before)
      throws Exception {
    copySoundRun();
    damage(stage + "/step-" + last);
    var warnings = new ArrayList<String>();

    RunOutcome outcome = run(warnings);

    assertSameAsUndisturbed(outcome);
    assertEquals(
        List.of(
            "Stage %s goes on from its checkpoint of step %d, because that of step %d is damaged or missing; the steps between are trained again and must come to the same."
                .formatted(stage, before, last)),
        warnings);
  }

  @Test
  void aSoupIsMadeAgain() throws Exception {
    copySoundRun();
    damage("soup/step-1");
    var warnings = new ArrayList<String>();

    RunOutcome outcome = run(warnings);

    assertSameAsUndisturbed(outcome);
    assertEquals(1, warnings.size(), warnings.toString());
  }

  @Test
  void aStageWithoutAnIntactCheckpointEndsTheRunWithASentence() throws Exception {
    copySoundRun();
    damage("base/step-4");
    damage("base/step-6");

    var stopped = assertInstanceOf(RunOutcome.Stopped.class, run(new ArrayList<>()));

    assertTrue(
        stopped
            .cause()
            .contains(
                "no checkpoint in %s is intact; put back a copy of one, or give the run another name or directory to start it anew: "
                    .formatted(directory.resolve("checkpoints").resolve("base"))),
        stopped.cause());
    assertEquals(steps(sound), steps(directory));
  }

  @Test
  void damageWhileALaterStageIsUnderWayIsNotTrainedOn() throws Exception {
    RunOutcome first =
        SmallRuns.runUntil(
            settings(directory),
            1,
            event -> {
              if (event instanceof RunEvent.StageFinished done
                  && done.stage().name().equals("sft-a")) {
                damage("base/step-6");
              }
              return false;
            });

    String cause = assertInstanceOf(RunOutcome.Stopped.class, first).cause();
    assertTrue(cause.startsWith("What stage base came to is damaged: "), cause);
    assertTrue(cause.contains("model.safetensors has SHA-256"), cause);
    assertSameAsUndisturbed(run(new ArrayList<>()));
  }
}
