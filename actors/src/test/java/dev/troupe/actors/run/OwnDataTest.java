package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.data.DataException;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages that read files of a person's own, in the whole company with a tiny model. */
class OwnDataTest {
  private static final double LN_2 = 0.693147;
  private static final double FLOAT32 = 1e-5;

  @TempDir private Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    write("more.jsonl", 12, "{\"prompt\": \"%1$d>\", \"answer\": \"%1$d\"}");
    write("pairs.jsonl", 9, "{\"prompt\": \"%1$d>\", \"chosen\": \"1%1$d\", \"rejected\": \"2\"}");
    write("lists.jsonl", 9, "{\"prompt\": \"%1$d>\", \"r\": [\"1\", \"22\", \"3\"]}");
    write("two.jsonl", 1, "{\"prompt\": \"%1$d>\", \"r\": [\"1\", \"22\"]}");
    write(
        "labels.jsonl",
        9,
        "{\"prompt\": \"%1$d>\", \"completion\": \"7\", \"a\": 0.5, \"b\": %1$d}");
  }

  private String stages() {
    return """
        { name = sft, kind = sft, from = model, steps = 3, batch = 4, data { path = "%1$s/more.jsonl" } }
        { name = base, kind = sft, from = sft, steps = 2, batch = 4 }
        { name = dpo, kind = dpo, from = sft, steps = 4, prompts = 4, data { path = "%1$s/pairs.jsonl" } }
        { name = far, kind = dpo, from = sft, reference = base, steps = 2, prompts = 4
          data { path = "%1$s/pairs.jsonl" } }
        { name = tdpo, kind = tdpo, variant = tdpo1, from = sft, steps = 2, prompts = 4
          data { path = "%1$s/pairs.jsonl" } }
        { name = pro, kind = pro, from = sft, steps = 3, prompts = 4, group-size = 3
          data { path = ["%1$s/lists.jsonl", "%1$s/two.jsonl"], ranking = r } }
        { name = pairs, kind = reward-model, from = sft, steps = 2, prompts = 3, group-size = 3, pairs = all
          measure-steps = 1, data { path = ["%1$s/lists.jsonl", "%1$s/two.jsonl"], ranking = r, held-out = 2 } }
        { name = labels, kind = reward-model, objective = regression, from = sft, steps = 3, prompts = 4
          measure-steps = 2, data { path = "%1$s/labels.jsonl", labels = [a, b], held-out = 3 } }
        { name = grpo, kind = grpo, from = sft, steps = 2, prompts = 4, group-size = 2
          reward-model { stage = labels }, data { path = "%1$s/more.jsonl" } }
        """
        .formatted(folder);
  }

  @Test
  void everyKindOfStageReadsFilesAndAnInterruptedRunEndsLikeAnUndisturbedOne() throws Exception {
    RunSettings undisturbed = SmallRuns.settings(folder.resolve("undisturbed"), stages());
    RunSettings disturbed = SmallRuns.settings(folder.resolve("disturbed"), stages());

    Map<String, String> expected = SmallRuns.complete(undisturbed);
    SmallRuns.stopAfter(disturbed, "dpo", 3);
    SmallRuns.stopAfter(disturbed, "labels", 3);
    assertEquals(expected, SmallRuns.complete(disturbed));

    StepMetrics first = SmallRuns.step(undisturbed, "dpo", 1);
    assertEquals(LN_2, first.values().get("loss"), FLOAT32); // the policy is the reference still
    assertEquals(4, first.values().get("preference/pairs"));
    assertTrue(
        Math.abs(SmallRuns.step(undisturbed, "far", 1).values().get("loss") - LN_2) > FLOAT32);
    assertTrue(SmallRuns.step(undisturbed, "dpo", 4).values().get("loss") < LN_2);
    assertEquals(LN_2, SmallRuns.step(undisturbed, "tdpo", 1).values().get("loss"), FLOAT32);
    assertTrue(SmallRuns.step(undisturbed, "pro", 1).values().get("preference/pairs") >= 10);
    assertEquals(8, SmallRuns.step(undisturbed, "labels", 1).values().get("reward-model/labels"));
    assertTrue(
        SmallRuns.step(undisturbed, "labels", 5)
                .values()
                .get("reward-model/held-out/squared-error/a")
            > 0);
    assertTrue(
        SmallRuns.step(undisturbed, "pairs", 3)
            .values()
            .containsKey("reward-model/held-out/accuracy/reward"));
  }

  @Test
  void refusesRowsThatHaveMoreCompletionsThanAStepMakesRoomFor() {
    RunSettings settings =
        SmallRuns.settings(
            folder.resolve("run"),
            "{ name = pro, kind = pro, from = model, steps = 3, prompts = 4, group-size = 2,"
                + " data { path = \"%s/lists.jsonl\", ranking = r } }".formatted(folder));
    var error = assertThrows(DataException.class, () -> SmallRuns.run(settings, 1));
    assertEquals(
        "stages.pro.data: a row has 3 completions, more than stages.pro.group-size = 2; raise it",
        error.getMessage());
  }

  @Test
  void refusesRowsThatDoNotFitIntoTheContextBeforeItStarts() throws IOException {
    write(
        "long.jsonl",
        1,
        "{\"prompt\": \"1>\", \"chosen\": \"12345678901234567890%d\", \"rejected\": \"2\"}");
    RunSettings settings =
        SmallRuns.settings(
            folder.resolve("run"),
            "{ name = dpo, kind = dpo, from = model, steps = 3, prompts = 4,"
                + " data { path = \"%s/long.jsonl\" } }".formatted(folder));
    var error = assertThrows(RunException.class, () -> SmallRuns.run(settings, 1));
    assertTrue(error.getMessage().startsWith("Example long.jsonl:1 has 2"), error.getMessage());
  }

  private void write(String name, int rows, String line) throws IOException {
    var lines = new ArrayList<String>();
    for (int i = 0; i < rows; i++) {
      lines.add(line.formatted(i));
    }
    Files.write(folder.resolve(name), lines);
  }
}
