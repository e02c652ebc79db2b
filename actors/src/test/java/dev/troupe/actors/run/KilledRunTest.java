package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.chaos.Promises;
import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.journal.JournalFiles;
import dev.troupe.actors.journal.JournalStorage;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.settings.RunSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes and real kills: a run that is killed and started again ends with the same bits.
 */
@Tag("slow")
class KilledRunTest {
  private static final String STAGES =
      SmallRuns.STAGES
          + """
          { name = grpo, kind = grpo, from = sft-a, steps = 9, prompts = 4, group-size = 4
            unit-prompts = 2, staleness = 1, reference = soup, shaping { kind = rto, model = dpo } }
          { name = adapters, kind = sft, from = base, steps = 3, batch = 8, optimizer.lora { rank = 2 } }
          { name = essa, kind = essa, from = adapters, steps = 6, prompts = 4, population = 4
            unit-prompts = 2, precision = int8, returns = best-validated }
          """;

  @TempDir private Path directory;

  @Test
  void aRunKilledAgainAndAgainEndsWithTheSameWeightsAndSteps() throws Exception {
    Path undisturbed = recipe("undisturbed");
    Path killed = recipe("killed");

    assertEquals(0, start(undisturbed, "no such line"));
    // Kills while the stages named are under way, at whatever the process is doing then.
    for (String stage : List.of("sft-a", "dpo", "grpo", "essa")) {
      String line = "\"stage\":\"" + stage + "\"";
      assertTrue(start(killed, line) != 0, "the process was to be killed after " + line);
      if (stage.equals("grpo")) {
        damageTheLedger(); // What is in it no more is sampled again, to the same end.
      }
    }
    assertEquals(0, start(killed, "no such line"));

    for (String checkpoint : List.of("sft-b/step-3", "dpo/step-4", "grpo/step-9", last("essa"))) {
      assertEquals(digest("undisturbed", checkpoint), digest("killed", checkpoint), checkpoint);
    }
    assertEquals(
        Nodes.curve(directory.resolve("undisturbed")), Nodes.curve(directory.resolve("killed")));
    assertEquals(
        Nodes.tickets(directory.resolve("undisturbed")),
        Nodes.tickets(directory.resolve("killed")));
    assertEquals(0, recalled("undisturbed"));
    assertTrue(recalled("killed") > 0, "groups in the ledger were sampled again");
    assertLinesMatch(
        Rollouts.of(directory.resolve("undisturbed")), Rollouts.of(directory.resolve("killed")));
  }

  /**
   * What is sampled by the newest weights depends on time, so there is no other run to compare
   * with: the journal has each step once, with its tickets, since what was trained before a kill is
   * trained again from the ledger and comes to the same.
   */
  @Test
  void aRunOfTheNewestPacingKeepsItsPromisesHoweverOftenItIsKilled() throws Exception {
    RunSettings settings =
        SmallRuns.settings(
            directory.resolve("newest"),
            SmallRuns.NEWEST.formatted(16),
            SmallRuns.LONG_ANSWERS.toArray(String[]::new));
    Path recipe = directory.resolve("newest.conf");
    Files.writeString(recipe, settings.resolved().render());

    for (int step : List.of(3, 6, 9, 13)) {
      String line = "\"stage\":\"rl\",\"step\":" + step + ",";
      assertTrue(start(recipe, line) != 0, "the process was to be killed after " + line);
    }
    assertEquals(0, start(recipe, "no such line"));

    assertEquals(List.of(), Promises.broken(settings));
    List<Long> trained =
        trained(settings.directory())
            .filter(it -> it.stage().equals("rl"))
            .map(it -> it.inForce().step())
            .toList();
    assertEquals(LongStream.rangeClosed(1, 16).boxed().toList(), trained);
    assertTrue(recalled("newest") > 0, "groups in the ledger were sampled again");
    double mixed =
        MetricsLog.read(settings.directory().resolve("metrics.jsonl")).stream()
            .mapToDouble(step -> step.values().getOrDefault("staleness/mixed-rollouts", 0.0))
            .sum();
    assertTrue(mixed > 0, "no completion went on under new weights");
  }

  /** Changes a byte in the middle of each of its files. */
  private void damageTheLedger() throws IOException {
    List<Path> segments;
    try (Stream<Path> files = Files.list(directory.resolve("killed").resolve("ledger"))) {
      segments = files.filter(file -> file.toString().endsWith(".ledger")).toList();
    }
    for (Path segment : segments) {
      byte[] bytes = Files.readAllBytes(segment);
      if (bytes.length > 0) {
        bytes[bytes.length / 2] ^= 1;
        Files.write(segment, bytes);
      }
    }
  }

  private Path recipe(String name) throws IOException {
    RunSettings settings = SmallRuns.settings(directory.resolve(name), STAGES);
    Path file = directory.resolve(name + ".conf");
    Files.writeString(file, settings.resolved().render());
    return file;
  }

  /** Runs the command line in a process of its own; kills it after the first event with a text. */
  private static int start(Path recipe, String fatal) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED"));
    command.addAll(List.of("-Xmx512m", "-Dai.djl.offline=true"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("dev.troupe.actors.cli.Main", "run", recipe.toString(), "--json"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    boolean isKilled = false;
    try (BufferedReader events = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = events.readLine();
          line != null;
          line = isKilled ? null : events.readLine()) {
        if (line.contains(fatal) && line.contains("step-finished")) {
          process.destroyForcibly();
          isKilled = true;
        }
      }
    }
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the process did not end");
    return process.exitValue();
  }

  /** The last checkpoint of a stage of the undisturbed run. */
  private String last(String stage) {
    Path stages = directory.resolve("undisturbed").resolve("checkpoints");
    var store = new CheckpointStore(stages.resolve(stage));
    return stages.relativize(store.latest().orElseThrow().directory()).toString();
  }

  private String digest(String run, String checkpoint) {
    Path model = directory.resolve(run).resolve("checkpoints").resolve(checkpoint);
    return WeightsDigest.of(HuggingFaceDirectory.load(model).tensors().values());
  }

  /** Groups that were not sampled again, because the ledger held them. */
  private double recalled(String run) {
    return MetricsLog.read(directory.resolve(run).resolve("metrics.jsonl")).stream()
        .mapToDouble(step -> step.values().getOrDefault("ledger/recalled", 0.0))
        .sum();
  }

  private static Stream<Decision.StepTrained> trained(Path run) {
    return JournalFiles.look(JournalStorage.folder(run), "small").stream()
        .flatMap(batch -> batch.decisions().stream())
        .filter(Decision.StepTrained.class::isInstance)
        .map(Decision.StepTrained.class::cast);
  }
}
