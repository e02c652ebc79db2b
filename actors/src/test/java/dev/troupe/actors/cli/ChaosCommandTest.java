package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.run.SmallRuns;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a person types it. */
class ChaosCommandTest {
  private static final String STAGES =
      """
      { name = base, kind = sft, from = model, steps = 5, batch = 8 }
      { name = grpo, kind = grpo, from = base, steps = 40, prompts = 4, group-size = 4
        unit-prompts = 1, staleness = 1, reference = base, kl.coefficient = 0.01 }
      """;

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int chaos(String... options) throws Exception {
    Path recipe =
        Files.writeString(
            directory.resolve("recipe.conf"),
            SmallRuns.settings(directory.resolve("unused"), STAGES).resolved().render());
    var words = new ArrayList<>(List.of("chaos", recipe.toString()));
    words.addAll(List.of("--directory", directory.resolve("chaos").toString()));
    words.addAll(List.of(options));
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(words.toArray(String[]::new));
  }

  @Test
  void partingProcessesOfARunThatHasOneIsRefusedWithTheRest() throws Exception {
    assertEquals(2, chaos("--events", "partition,kill", "--runs", "0"));
    assertTrue(err.toString().contains("--runs 0 is outside [1, 10000]"), err.toString());
    assertTrue(err.toString().contains("add --generators 2"), err.toString());
    assertFalse(Files.exists(directory.resolve("chaos")));
  }

  @Test
  void killsStandAlone() throws Exception {
    assertEquals(2, chaos("--kills", "20", "--events", "oom"));
    assertTrue(err.toString().contains("give it alone"), err.toString());
  }

  @Test
  @Tag("slow")
  void aClusterWhoseNodesAreKilledAndCutOffLeavesWhatOneUndisturbedProcessLeaves()
      throws Exception {
    int code =
        chaos("--generators", "2", "--events", "kill,partition", "--faults", "6", "--seed", "3");

    assertEquals(0, code, () -> out + "\n" + err);
    String table = Files.readString(directory.resolve("chaos").resolve("chaos.md"));
    assertTrue(table.contains("| partition |") && table.contains("| kill |"), table);
    assertTrue(table.contains("of which 0 ended otherwise"), table);
  }
}
