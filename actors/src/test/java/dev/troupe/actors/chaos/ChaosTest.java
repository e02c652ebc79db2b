package dev.troupe.actors.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.run.SmallRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that meet every fault there is. */
@Tag("slow")
class ChaosTest {
  private static final String STAGES =
      SmallRuns.STAGES
          + """
          { name = grpo, kind = grpo, from = sft-a, steps = 12, prompts = 4, group-size = 4
            unit-prompts = 2, staleness = 1, reference = soup, shaping { kind = rto, model = dpo } }
          """;

  @TempDir private Path directory;

  @Test
  void aRunThatMeetsEveryFaultLeavesWhatAnUndisturbedOneLeaves() throws Exception {
    var told = new ArrayList<String>();
    List<Fault> faults =
        Arrays.stream(Fault.values()).filter(fault -> fault != Fault.PARTITION).toList();
    var setting = setting(faults, faults.size());

    ChaosReport report = Chaos.perform(setting, told::add);

    assertEquals(List.of(), report.failures(), () -> String.join("\n", told));
    assertTrue(report.isSurvived());
    assertEquals(List.of(), report.unreached(), report::table);
    assertEquals(faults.size(), report.hits().size(), report::table);
  }

  @Test
  void aDifferenceInWeightsStepsOrEvaluationsIsFound() throws Exception {
    ChaosReport report = Chaos.perform(setting(List.of(Fault.KILL), 1), sentence -> {});
    assertEquals(List.of(), report.failures());
    Path calm = directory.resolve("undisturbed");
    Path stormy = directory.resolve("disturbed");
    assertEquals(List.of(), Comparison.differences(calm, stormy));

    Path metrics = stormy.resolve("metrics.jsonl");
    String steps = Files.readString(metrics);
    Files.writeString(metrics, steps.replaceFirst("\"loss\":(-?\\d)", "\"loss\":1$1"));
    assertEquals(1, Comparison.differences(calm, stormy).size());
    Files.writeString(metrics, steps.substring(0, steps.lastIndexOf("{")));
    assertTrue(Comparison.differences(calm, stormy).get(0).contains("steps were recorded"));
    Files.writeString(metrics, steps);

    swap(stormy.resolve("checkpoints/grpo/step-12"), stormy.resolve("checkpoints/dpo/step-4"));
    assertEquals(2, Comparison.differences(calm, stormy).size());
  }

  private static void swap(Path one, Path other) throws IOException {
    Path file = one.resolve("model.safetensors");
    Path second = other.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    assertFalse(Arrays.equals(bytes, Files.readAllBytes(second)));
    Files.write(file, Files.readAllBytes(second));
    Files.write(second, bytes);
  }

  private Chaos.Setting setting(List<Fault> faults, int count) throws IOException {
    Path recipe = directory.resolve("recipe.conf");
    Files.writeString(
        recipe, SmallRuns.settings(directory.resolve("unused"), STAGES).resolved().render());
    return new Chaos.Setting(
        start -> command(recipe, start),
        List.of(StartCommand.ALONE),
        directory,
        3,
        1,
        count,
        faults,
        Duration.ofMillis(100),
        Duration.ofSeconds(120),
        Duration.ofSeconds(1));
  }

  private static List<String> command(Path recipe, StartCommand.Start start) {
    Path run = start.run();
    String heap = start.heap();
    var switches = new Switches(start.switches());
    var words = new ArrayList<>(switches.environment(true));
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED"));
    words.addAll(List.of("-XX:ErrorFile=" + run.resolveSibling("crash-%p.log")));
    words.addAll(switches.flags());
    words.addAll(List.of("-Xmx" + (heap.isEmpty() ? "512m" : heap), "-XX:+ExitOnOutOfMemoryError"));
    words.addAll(List.of("-Dai.djl.offline=true", "-cp", System.getProperty("java.class.path")));
    words.addAll(List.of("dev.troupe.actors.cli.Main", "run", recipe.toString()));
    words.addAll(List.of("--directory", run.toString(), "--json"));
    return words;
  }
}
