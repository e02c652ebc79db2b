package dev.troupe.runtime.record.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.record.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which MLflow run a run is and how far it has been told, in {@code mlflow.json}: so that a resumed
 * run goes on there and says nothing twice.
 */
public final class MlflowState {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Map<String, Long> sent = new HashMap<>();
  private String run;

  private MlflowState(Path file) {
    this.file = file;
  }

  /** What is known in a run directory; nothing at first, or if the file is damaged. */
  public static MlflowState of(Path directory) {
    var state = new MlflowState(directory.resolve("mlflow.json"));
    if (Files.isRegularFile(state.file)) {
      try {
        JsonNode known = JSON.readTree(state.file.toFile());
        state.run = known.path("run_id").asText(null);
        known
            .path("sent")
            .properties()
            .forEach(stage -> state.sent.put(stage.getKey(), stage.getValue().asLong()));
      } catch (IOException e) {
        state.run = null; // A second MLflow run is better than none.
        state.sent.clear();
      }
    }
    return state;
  }

  Optional<String> run() {
    return Optional.ofNullable(run);
  }

  void begin(String id) throws IOException {
    run = id;
    sent.clear();
    write();
  }

  boolean isSent(StepMetrics step) {
    return step.step() <= sent.getOrDefault(step.stage(), 0L);
  }

  void sent(StepMetrics step) {
    sent.merge(step.stage(), step.step(), Math::max);
  }

  void write() throws IOException {
    ObjectNode known = JSON.createObjectNode();
    known.put("run_id", run);
    ObjectNode steps = known.putObject("sent");
    sent.forEach(steps::put);
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(draft, known.toPrettyString());
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
