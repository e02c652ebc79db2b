package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRecordTest {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  @TempDir Path parent;

  private static StepMetrics step(String stage, long step) {
    return new StepMetrics(stage, step, 9, 0, Map.of("loss", 1.0));
  }

  private RunRecord open() {
    return RunRecord.open(parent.resolve("runs/a"), CLOCK);
  }

  @Test
  void keepsAllRecordsInTheRunDirectory() throws IOException {
    try (RunRecord record = open()) {
      record.append(step("grpo", 1));
      assertEquals(parent.resolve("runs/a/report.html"), record.report(SampleRun.summary()));
    }
    try (Stream<Path> files = Files.list(parent.resolve("runs/a"))) {
      assertEquals(
          List.of("metrics.jsonl", "report.html", "tensorboard"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void aKilledAndResumedRunHasEachStepOnce() throws IOException {
    try (RunRecord record = open()) {
      Stream.of(step("sft", 1), step("grpo", 1), step("grpo", 2)).forEach(record::append);
    }
    Path metrics = parent.resolve("runs/a/metrics.jsonl");
    Files.writeString(metrics, Files.readString(metrics) + "{\"stage\":\"gr");
    try (RunRecord record = open()) {
      assertTrue(record.torn().isPresent());
      assertEquals(1, record.truncateAfter("grpo", 1));
      record.append(step("grpo", 2));
      record.append(step("grpo", 3));
      assertEquals(List.of(step("sft", 1)), record.steps("sft"));
      assertEquals(
          List.of(step("grpo", 1), step("grpo", 2), step("grpo", 3)), record.steps("grpo"));
    }
  }

  @Test
  void saysWhichDirectoryCannotBe() throws IOException {
    Files.writeString(parent.resolve("runs"), "a file");
    var error = assertThrows(RecordException.class, this::open);
    assertTrue(
        error
            .getMessage()
            .startsWith("cannot create the run directory " + parent.resolve("runs/a")),
        error::getMessage);
  }
}
