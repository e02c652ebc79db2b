package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.settings.RunSettings;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  @TempDir private Path directory;

  private RunSettings settings(String... overrides) {
    return SmallRuns.settings(directory, SmallRuns.STAGES, overrides);
  }

  private RunDirectory open(String... overrides) {
    return RunDirectory.open(directory, settings(overrides), Clock.systemUTC());
  }

  @Test
  void anotherProcessIsToldWhoHoldsTheDirectory() throws Exception {
    try (RunDirectory held = open()) {
      var refused = assertThrows(RunException.class, this::open);

      assertEquals(
          "The run directory %s is in use by process %d on %s; wait for it to end, or choose another directory or name."
              .formatted(
                  held.path(),
                  ProcessHandle.current().pid(),
                  InetAddress.getLocalHost().getHostName()),
          refused.getMessage());
    }
  }

  @Test
  void otherSettingsAreRefusedByTheirNamesAndNothingIsWritten() throws Exception {
    open().close();
    String before = Files.readString(directory.resolve("run.json"));

    var refused = assertThrows(RunException.class, () -> open("seed=2"));

    assertTrue(refused.getMessage().contains("seed"), refused.getMessage());
    assertEquals(before, Files.readString(directory.resolve("run.json")));
  }

  @Test
  void settingsThatChangeNothingOfTheResultMayChange() {
    open().close();

    open("checkpoints.keep=5", "checkpoints.best-by=reward/mean", "journal.differences=accept")
        .close();
  }

  @Test
  void aNewerFormatIsRefusedAndNothingIsWritten() throws Exception {
    open().close();
    Path starts = directory.resolve("run.json");
    String newer = Files.readString(starts).replaceFirst("\"format\" : 1", "\"format\" : 2");
    Files.writeString(starts, newer);

    var refused = assertThrows(RunException.class, this::open);

    assertEquals(
        "The run in %s was written by a newer program (format 2, this one knows 1); go on with that one, or choose another directory or name."
            .formatted(directory),
        refused.getMessage());
    assertEquals(newer, Files.readString(starts));
  }

  @Test
  void aRunKeepsItsNameOverItsStarts() {
    RunDirectory first = open();
    first.close();
    RunDirectory second = open();
    second.close();

    assertEquals(first.id(), second.id());
    assertEquals(1, second.epoch());
    assertNotEquals("", first.id());
  }
}
