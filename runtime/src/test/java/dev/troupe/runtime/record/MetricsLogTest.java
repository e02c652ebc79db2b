package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void place() {
    file = directory.resolve("metrics.jsonl");
  }

  private static StepMetrics step(String stage, long step) {
    return new StepMetrics(stage, step, 9, step * 0.5, Map.of("loss", 1.0 / (1 + step)));
  }

  private void append(StepMetrics... steps) {
    try (MetricsLog log = MetricsLog.open(file)) {
      for (StepMetrics step : steps) {
        log.append(step);
      }
    }
  }

  @Test
  void writesOneFlatObjectALine() throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("reward/mean", 0.5);
    values.put("loss", Double.NaN);
    append(new StepMetrics("grpo", 1, 9, 2.5, values), step("grpo", 2));
    assertEquals(
        """
        {"stage":"grpo","step":1,"total-steps":9,"elapsed-seconds":2.5,"reward/mean":0.5,"loss":"NaN"}
        {"stage":"grpo","step":2,"total-steps":9,"elapsed-seconds":1.0,"loss":0.3333333333333333}
        """,
        Files.readString(file));
  }

  @Test
  void readsBackExactlyWhatWasWritten() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("a", Double.NaN);
    values.put("b", Double.NEGATIVE_INFINITY);
    values.put("c", Double.POSITIVE_INFINITY);
    values.put("d", 1.0 / 3);
    values.put("e", Double.MIN_VALUE);
    var odd = new StepMetrics("warm-up \"ü\"\n", 0, 9, 1e-9, values);
    append(odd, step("grpo", 1));
    assertEquals(List.of(odd, step("grpo", 1)), MetricsLog.read(file));
  }

  @Test
  void appendsAfterWhatIsThere() {
    append(step("grpo", 1));
    append(step("grpo", 2));
    assertEquals(List.of(step("grpo", 1), step("grpo", 2)), MetricsLog.read(file));
  }

  @Test
  void dropsATornLastLineAndSaysWhereItWas() throws IOException {
    append(step("grpo", 1), step("grpo", 2));
    byte[] whole = Files.readAllBytes(file);
    long first = Files.readString(file).indexOf('\n') + 1;
    // Whatever the byte at which the writer died, the first line stays and the second goes.
    for (int length = (int) first + 1; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertEquals(List.of(step("grpo", 1)), MetricsLog.read(file));
      try (MetricsLog log = MetricsLog.open(file)) {
        assertEquals(Optional.of(new MetricsLog.TornLine(first, length - first)), log.torn());
        log.append(step("grpo", 2));
        assertEquals(List.of(step("grpo", 1), step("grpo", 2)), log.read());
      }
    }
  }

  @Test
  void dropsATornLineLongerThanOneBlockOfTheScan() throws IOException {
    append(step("grpo", 1));
    long end = Files.size(file);
    Files.writeString(file, "x".repeat(20_000), StandardOpenOption.APPEND);
    try (MetricsLog log = MetricsLog.open(file)) {
      assertEquals(Optional.of(new MetricsLog.TornLine(end, 20_000)), log.torn());
    }
    assertEquals(end, Files.size(file));
  }

  @Test
  void aFileOfNothingButATornLineBecomesEmpty() throws IOException {
    Files.writeString(file, "{\"stage\"");
    try (MetricsLog log = MetricsLog.open(file)) {
      assertEquals(Optional.of(new MetricsLog.TornLine(0, 8)), log.torn());
      assertEquals(List.of(), log.read());
    }
  }

  @Test
  void aResumedRunForgetsTheStepsItWillDoAgain() {
    append(step("sft", 1), step("sft", 2), step("grpo", 1), step("grpo", 2), step("grpo", 3));
    try (MetricsLog log = MetricsLog.open(file)) {
      assertEquals(2, log.truncateAfter("grpo", 1));
      log.append(step("grpo", 2));
    }
    assertEquals(
        List.of(step("sft", 1), step("sft", 2), step("grpo", 1), step("grpo", 2)),
        MetricsLog.read(file));
  }

  @Test
  void anEarlierStageThatIsDoneAgainForgetsNothing() {
    append(step("sft", 1), step("sft", 2), step("grpo", 1));
    try (MetricsLog log = MetricsLog.open(file)) {
      assertEquals(0, log.truncateAfter("sft", 2));
      assertEquals(0, log.truncateAfter("sft", 0));
      assertEquals(3, log.read().size());
    }
  }

  @Test
  void aStageThatStartsOverForgetsAllItsSteps() {
    append(step("sft", 1), step("grpo", 1), step("grpo", 2));
    try (MetricsLog log = MetricsLog.open(file)) {
      assertEquals(2, log.truncateAfter("grpo", 0));
      assertEquals(List.of(step("sft", 1)), log.read());
    }
  }

  @Test
  void resumingAtTheEndOrInAStageWithoutStepsForgetsNothing() {
    append(step("sft", 1), step("sft", 2));
    try (MetricsLog log = MetricsLog.open(file)) {
      assertEquals(0, log.truncateAfter("sft", 2));
      assertEquals(0, log.truncateAfter("grpo", 0));
      assertEquals(2, log.read().size());
    }
  }

  @Test
  void namesTheLineThatIsNotAStep() throws IOException {
    append(step("grpo", 1));
    Files.writeString(file, "{\"stage\":\"grpo\"}\n", StandardOpenOption.APPEND);
    var error = assertThrows(RecordException.class, () -> MetricsLog.read(file));
    assertEquals(
        file + ":2 is not a step of a run: it has no \"step\"; remove or repair the line",
        error.getMessage());
  }

  @Test
  void saysWhatIsMissingWhenThereIsNoFile() {
    var error = assertThrows(RecordException.class, () -> MetricsLog.read(file));
    assertEquals(
        "there are no metrics at " + file + ": has this run made its first step?",
        error.getMessage());
  }
}
