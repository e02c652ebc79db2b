package dev.troupe.runtime.record.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.record.StepMetrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WandbExportTest {
  @TempDir private Path run;

  private WandbExport export() {
    return new WandbExport(run, "mine", new TreeMap<>(Map.of("seed", "1")));
  }

  private static StepMetrics step(long number) {
    return new StepMetrics("grpo", number, 9, 1.5 * number, Map.of("loss", 0.5));
  }

  @Test
  void writesALineAStepAndNoStepTwice() throws Exception {
    try (WandbExport export = export()) {
      export.add(step(1));
    }
    Path history = run.resolve("wandb/history.jsonl");
    Files.writeString(history, "{\"cut", StandardOpenOption.APPEND);

    try (WandbExport export = export()) {
      export.add(step(1));
      export.add(step(2));
    }

    assertEquals(
        List.of(
            "{\"stage\":\"grpo\",\"grpo/step\":1,\"elapsed_seconds\":1.5,\"grpo/loss\":0.5}",
            "{\"stage\":\"grpo\",\"grpo/step\":2,\"elapsed_seconds\":3.0,\"grpo/loss\":0.5}"),
        Files.readAllLines(history));
    String config = Files.readString(run.resolve("wandb/config.json"));
    assertTrue(config.contains("\"seed\" : \"1\""), config);
  }

  @Test
  void aDiskThatCannotBeWrittenIsTold() throws Exception {
    Files.writeString(run.resolve("wandb"), "a file where the directory should be");
    try (WandbExport export = export()) {
      export.add(step(1));
      export.add(step(2));

      assertEquals(1, export.complaints().size());
    }
  }
}
