package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.cli.Main;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that are asked to end. */
@Tag("slow")
class OrderlyEndOfProcessesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String STAGES =
      """
      { name = base, kind = sft, from = model, steps = 4, batch = 8 }
      { name = grpo, kind = grpo, from = base, steps = 30, prompts = 4, group-size = 4
        unit-prompts = 1, staleness = 1, reference = base, kl.coefficient = 0.01 }
      """;

  @TempDir private Path directory;

  @Test
  void sigtermAndTheStopCommandLeaveACheckpointOfTheLastStepAndExitCodeZero() throws Exception {
    Path alone = directory.resolve("alone");
    SmallRuns.complete(SmallRuns.settings(alone, STAGES));
    Path run = directory.resolve("asked");
    Path recipe =
        Files.writeString(directory.resolve("small.conf"), SmallRuns.recipe(run, STAGES));

    assertEquals(0, start(recipe, 7, process -> process.toHandle().destroy()));
    assertEverythingIsSaved(run);
    long first = last(run).step();
    assertTrue(first >= 7 && first < 30, "it ended at step " + first);

    assertEquals(0, start(recipe, first + 3, process -> StopRequest.write(run, PATIENCE)));
    assertEverythingIsSaved(run);
    assertFalse(Files.exists(run.resolve("stop")), "the request is taken");
    assertTrue(last(run).step() >= first + 3 && last(run).step() < 30);

    assertEquals(0, start(recipe, Long.MAX_VALUE, process -> {}));
    assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(run, "grpo"));
    assertEquals(
        0.0,
        MetricsLog.read(run.resolve("metrics.jsonl")).stream()
            .mapToDouble(step -> step.values().getOrDefault("ledger/recalled", 0.0) > 16 ? 1 : 0)
            .sum(),
        "no trained step was done again");
  }

  private static String log(Nodes.Member member) {
    try {
      return Files.readString(member.log());
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static StepMetrics last(Path run) {
    List<StepMetrics> steps = MetricsLog.read(run.resolve("metrics.jsonl"));
    return steps.get(steps.size() - 1);
  }

  private static void assertEverythingIsSaved(Path run) {
    StepMetrics last = last(run);
    var store = new CheckpointStore(run.resolve("checkpoints").resolve(last.stage()));
    assertEquals(last.step(), store.latest().orElseThrow().step());
  }

  /** Runs it in a process of its own and does something once a step of grpo is done. */
  private static int start(Path recipe, long step, Consumer<Process> deed)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED"));
    command.addAll(List.of("-Xmx512m", "-Dai.djl.offline=true"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Main.class.getName(), "run", recipe.toString(), "--json"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    boolean isDone = false;
    try (BufferedReader events = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = events.readLine(); line != null; line = events.readLine()) {
        boolean isDue =
            line.contains("step-finished") && line.contains("\"grpo\",\"step\":" + step + ",");
        if (isDue && !isDone) {
          deed.accept(process);
          isDone = true;
        }
      }
    }
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the process did not end");
    return process.exitValue();
  }

  @Test
  void aGeneratorNodeThatIsAskedToLeaveLosesNothingAndTheRunGoesOn() throws Exception {
    Path alone = directory.resolve("alone");
    SmallRuns.complete(SmallRuns.settings(alone, STAGES));
    Path recipe =
        Files.writeString(
            directory.resolve("small.conf"), SmallRuns.recipe(directory.resolve("x"), STAGES));
    String secret = directory.resolve("secret").toString();
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe)) {
      Nodes.Member head =
          nodes.alone(
              "head",
              "supervisor,learner,reward,reference",
              "127.0.0.1",
              "--port",
              "" + nodes.port(),
              "--secret",
              secret);
      Nodes.Member leaver = nodes.join("leaver", "generator", "--secret", secret);
      nodes.awaitStep(head, "grpo", 3, PATIENCE); // Sampled by the only one that is there.
      Nodes.Member stayer = nodes.join("stayer", "generator", "--secret", secret);
      leaver.process().toHandle().destroy();

      assertEquals(0, nodes.exit(leaver, PATIENCE), nodes::everythingOrNothing);
      assertTrue(leaver.text().contains("The node was asked to leave"), leaver.text());
      assertEquals(0, nodes.exit(head, PATIENCE), nodes::everythingOrNothing);
      assertEquals(0, nodes.exit(stayer, PATIENCE), nodes::everythingOrNothing);
      assertTrue(head.says("has left in order"), () -> log(head));
      assertFalse(head.says("is given to another generator"), "nothing was lost");
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }
}
