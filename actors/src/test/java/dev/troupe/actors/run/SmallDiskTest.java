package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run on a real disk that is too small for it, and is made larger then. */
@Tag("slow")
class SmallDiskTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long MIB = 1L << 20;

  /** Each step leaves some kilobytes in the journal and in the records. */
  private static final String STAGES =
      """
      { name = base, kind = sft, from = model, steps = 4, batch = 8 }
      { name = grpo, kind = grpo, from = base, steps = 400, prompts = 4, group-size = 4
        unit-prompts = 4, staleness = 0, reference = base, kl.coefficient = 0.01 }
      """;

  @TempDir private Path directory;

  @Test
  void theRunStopsWithTheCauseBeforeAWriteFailsAndGoesOnWhenThereIsRoom() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(
        exit("mount", "-t", "tmpfs", "-o", "size=8m", "none", disk.toString()) == 0,
        "SmallDiskTest is skipped: no small file system can be mounted here");
    try {
      RunSettings settings =
          SmallRuns.settings(disk.resolve("run"), STAGES, "disk.keep-free-mib=4");
      List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());

      String cause = assertInstanceOf(RunOutcome.Stopped.class, run(settings, events)).cause();
      assertTrue(cause.contains("There is no room for"), cause);
      assertTrue(cause.contains("4 MiB are to stay free (disk.keep-free-mib)"), cause);
      long warnings =
          events.stream()
              .filter(RunEvent.WarningRaised.class::isInstance)
              .map(RunEvent.WarningRaised.class::cast)
              .filter(warned -> warned.sentence().contains("the run stops before"))
              .count();
      assertEquals(1, warnings);
      long free = disk.toFile().getUsableSpace();
      assertTrue(free > 2 * MIB, "a write may have failed: only " + free + " bytes are free");

      assertEquals(0, exit("mount", "-o", "remount,size=256m", disk.toString()));
      RunOutcome whole = run(settings, events);
      assertEquals(
          SmallRuns.complete(SmallRuns.settings(directory.resolve("alone"), STAGES)),
          assertInstanceOf(RunOutcome.Completed.class, whole).digests());
    } finally {
      exit("umount", "--lazy", disk.toString());
    }
  }

  private static RunOutcome run(RunSettings settings, List<RunEvent> events)
      throws InterruptedException {
    try (EmbeddedRun run =
        EmbeddedRun.start(settings, EmbeddedRun.Options.usual("troupe run"), events::add)) {
      Optional<RunOutcome> outcome = run.await(PATIENCE);
      return outcome.orElseThrow(() -> new AssertionError("no outcome within " + PATIENCE));
    }
  }

  private static int exit(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(30, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }
}
