package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    String newer = Files.readString(starts).replaceFirst("\"format\" : 2", "\"format\" : 3");
    Files.writeString(starts, newer);

    var refused = assertThrows(RunException.class, this::open);

    assertEquals(
        "The run in %s was written by a newer program (format 3, this one knows 2); go on with that one, or choose another directory or name."
            .formatted(directory),
        refused.getMessage());
    assertEquals(newer, Files.readString(starts));
  }

  @Test
  void anOlderFormatIsRefused() throws Exception {
    open().close();
    Path starts = directory.resolve("run.json");
    Files.writeString(
        starts, Files.readString(starts).replaceFirst("\"format\" : 2", "\"format\" : 1"));

    var refused = assertThrows(RunException.class, this::open);

    assertEquals(
        "The run in %s was written by an older program (format 1, this one knows 2); go on with that one, or choose another directory or name."
            .formatted(directory),
        refused.getMessage());
  }

  /** What a run has left that was killed in its first stage. */
  private void leaveARun() throws IOException {
    open().close();
    Files.createDirectories(directory.resolve("journal"));
    Files.createDirectories(directory.resolve("checkpoints").resolve("sft").resolve("step-2"));
    Files.writeString(directory.resolve("metrics.jsonl"), "");
  }

  @Test
  void aWholeDirectoryIsTakenUp() throws IOException {
    leaveARun();

    open().close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"run.json", "run.conf", "metrics.jsonl", "journal"})
  void aDirectoryOfWhichAPartIsMissingIsRefusedAndNothingIsMadeAnew(String part) throws Exception {
    leaveARun();
    Files.delete(directory.resolve(part));

    var refused = assertThrows(RunException.class, this::open);

    assertEquals(
        "The run directory %s has checkpoints/sft/step-2 but no %s; put back what is missing, or give this run another name or directory to start it anew."
            .formatted(directory, part),
        refused.getMessage());
    assertFalse(Files.exists(directory.resolve(part)));
  }

  @Test
  void aRefusedDirectoryIsFreeAgain() throws Exception {
    open().close();
    assertThrows(RunException.class, () -> open("seed=2"));

    open().close();
  }

  @Test
  void aDirectoryThatMayOnlyBeReadIsRefused() throws Exception {
    open().close();
    String before = Files.readString(directory.resolve("run.json"));
    try (var frozen = new ReadOnly(directory)) {
      frozen.assume();

      var refused = assertThrows(RunException.class, this::open);

      assertTrue(
          refused
              .getMessage()
              .startsWith("The run directory %s cannot be used: ".formatted(directory)),
          refused.getMessage());
      assertTrue(
          refused
              .getMessage()
              .endsWith("; check its disk and permissions, or choose another with --directory."),
          refused.getMessage());
    }
    assertEquals(before, Files.readString(directory.resolve("run.json")));
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
