package dev.troupe.runtime.record.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.record.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes what Weights &amp; Biases can import later, without a network: {@code wandb/config.json}
 * and {@code wandb/history.jsonl}, a line a step with the arguments of one {@code wandb.log}. The
 * binary log that {@code wandb sync} reads has no published format and is not written.
 */
public final class WandbExport implements MetricsExport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path history;
  private final Map<String, Long> written = new HashMap<>();
  private final List<String> complaints = new ArrayList<>();
  private long failures;

  /**
   * Begins or goes on.
   *
   * @param run the run directory
   * @param config settings by key
   */
  public WandbExport(Path run, String name, SortedMap<String, String> config) {
    Path directory = run.resolve("wandb");
    this.history = directory.resolve("history.jsonl");
    try {
      Files.createDirectories(directory);
      ObjectNode facts = JSON.createObjectNode();
      facts.put("name", name);
      ObjectNode settings = facts.putObject("config");
      config.forEach(settings::put);
      Files.writeString(directory.resolve("config.json"), facts.toPrettyString() + "\n");
      readBack();
    } catch (IOException e) {
      failed(e);
    }
  }

  /** A resumed run repeats steps that are written; a line that a kill cut short is dropped. */
  private void readBack() throws IOException {
    if (!Files.exists(history)) {
      return;
    }
    var whole = new StringBuilder();
    for (String line : Files.readString(history).split("(?<=\n)")) {
      if (line.endsWith("\n")) {
        whole.append(line);
        JsonNode step = JSON.readTree(line);
        String stage = step.path("stage").asText();
        written.merge(stage, step.path(stage + "/step").asLong(), Math::max);
      }
    }
    Files.writeString(history, whole);
  }

  @Override
  public void add(StepMetrics step) {
    if (step.step() <= written.getOrDefault(step.stage(), 0L)) {
      return;
    }
    ObjectNode line = JSON.createObjectNode();
    line.put("stage", step.stage());
    line.put(step.stage() + "/step", step.step());
    line.put("elapsed_seconds", step.elapsedSeconds());
    step.values()
        .forEach(
            (metric, value) -> {
              if (Double.isFinite(value)) {
                line.put(step.stage() + "/" + metric, value);
              } else {
                line.put(
                    step.stage() + "/" + metric,
                    Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
              }
            });
    try {
      Files.writeString(history, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      failed(e);
    }
  }

  private synchronized void failed(IOException e) {
    if (failures++ == 0) {
      complaints.add(
          "The files for Weights & Biases cannot be written (%s); metrics.jsonl has every step."
              .formatted(e.getMessage()));
    }
  }

  @Override
  public void end(boolean isFinished) {}

  @Override
  public synchronized List<String> complaints() {
    List<String> told = List.copyOf(complaints);
    complaints.clear();
    return told;
  }

  @Override
  public void close() {}
}
