package dev.troupe.runtime.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTailTest {
  @TempDir private Path directory;
  private Path file;
  private MetricsTail tail;

  @BeforeEach
  void follow() {
    file = directory.resolve("metrics.jsonl");
    tail = new MetricsTail(file);
  }

  private static StepMetrics step(long step, double loss) {
    return new StepMetrics("grpo", step, 9, step, Map.of("loss", loss));
  }

  private void append(long step, double loss) {
    try (MetricsLog log = MetricsLog.open(file)) {
      log.append(step(step, loss));
    }
  }

  private List<Long> steps() {
    return tail.poll().steps().stream().map(StepMetrics::step).toList();
  }

  @Test
  void aFileThatIsNotThereYetHasNothingNew() {
    assertEquals(MetricsTail.News.NONE, tail.poll());
  }

  @Test
  void eachStepIsToldOnce() {
    append(1, 0.5);
    append(2, 0.4);
    assertEquals(List.of(1L, 2L), steps());
    assertEquals(List.of(), steps());
    append(3, 0.3);
    assertEquals(List.of(step(3, 0.3)), tail.poll().steps());
  }

  @Test
  void aLineInFlightIsToldWhenItIsWhole() throws Exception {
    String line = MetricsJson.line(step(1, 0.5)) + "\n";
    Files.writeString(file, line.substring(0, 20), UTF_8);
    assertEquals(List.of(), steps());
    Files.writeString(file, line.substring(20), UTF_8, StandardOpenOption.APPEND);
    assertEquals(List.of(1L), steps());
  }

  @Test
  void aFileThatWasCutIsReadAnew() {
    append(1, 0.5);
    append(2, 0.4);
    steps();
    try (MetricsLog log = MetricsLog.open(file)) {
      log.truncateAfter("grpo", 1);
    }

    MetricsTail.News news = tail.poll();

    assertTrue(news.isAnew());
    assertEquals(List.of(step(1, 0.5)), news.steps());
  }

  @Test
  void aFileThatWasCutAndGrewToTheSameLengthIsReadAnew() {
    append(1, 0.5);
    append(2, 0.4);
    steps();
    try (MetricsLog log = MetricsLog.open(file)) {
      log.truncateAfter("grpo", 1);
      log.append(step(2, 0.7));
    }

    MetricsTail.News news = tail.poll();

    assertTrue(news.isAnew());
    assertEquals(List.of(step(1, 0.5), step(2, 0.7)), news.steps());
    assertFalse(tail.poll().isAnew());
  }

  @Test
  void aFileThatWentAwayVoidsWhatWasTold() throws Exception {
    append(1, 0.5);
    steps();
    Files.delete(file);

    assertTrue(tail.poll().isAnew());
    assertFalse(tail.poll().isAnew());
  }

  @Test
  void aLineThatIsNoStepIsNamed() throws Exception {
    append(1, 0.5);
    Files.writeString(file, "{}\n", UTF_8, StandardOpenOption.APPEND);

    RecordException e = assertThrows(RecordException.class, tail::poll);

    assertTrue(e.getMessage().contains("metrics.jsonl:2"), e.getMessage());
  }
}
