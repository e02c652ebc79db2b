package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TDPO, PRO and SuperHF in the whole company, with a real engine and a tiny model. */
class PreferenceStagesTest {
  private static final double LN_2 = 0.693147;
  private static final double FLOAT32 = 1e-5;
  private static final String COMPARED =
      "prompts = 4, group-size = 4, preference = [ { kind = digit-placement, weight = 1 } ] }";
  private static final String STAGES =
      """
      { name = base, kind = sft, from = model, steps = 4, batch = 8 }
      { name = sft, kind = sft, from = base, steps = 3, batch = 8 }
      { name = tdpo, kind = tdpo, variant = tdpo1, from = sft, steps = 3, %1$s
      { name = far, kind = tdpo, variant = tdpo2, alpha = 0.5, from = sft, reference = base
        steps = 2, %1$s
      { name = pro, kind = pro, from = sft, steps = 3, list-length = 3, %1$s
      { name = superhf, kind = superhf, from = sft, steps = 3, prompts = 4, group-size = 4
        keep = 2, batch = 3, optimizer { schedule = linear, warm-up-steps = 2 } }
      { name = rto, kind = grpo, from = sft, steps = 2, prompts = 2, group-size = 2
        shaping { kind = rto, model = far } }
      """
          .formatted(COMPARED);

  @TempDir private Path directory;

  @Test
  void anInterruptedRunEndsLikeAnUndisturbedOne() throws Exception {
    RunSettings undisturbed = SmallRuns.settings(directory.resolve("undisturbed"), STAGES);
    RunSettings disturbed = SmallRuns.settings(directory.resolve("disturbed"), STAGES);

    Map<String, String> expected = SmallRuns.complete(undisturbed);
    SmallRuns.stopAfter(disturbed, "tdpo", 2);
    SmallRuns.stopAfter(disturbed, "pro", 1);
    SmallRuns.stopAfter(disturbed, "superhf", 2);
    assertEquals(expected, SmallRuns.complete(disturbed));

    StepMetrics first = SmallRuns.step(undisturbed, "tdpo", 1);
    assertEquals(0, first.values().get("kl/rejected"), FLOAT32);
    assertEquals(LN_2, first.values().get("loss"), FLOAT32); // no margin and no divergence yet
    assertTrue(SmallRuns.step(undisturbed, "tdpo", 2).values().get("kl/rejected") > FLOAT32);
    // The reference is another model than the one that it starts with.
    assertTrue(SmallRuns.step(undisturbed, "far", 1).values().get("kl/chosen") > FLOAT32);
    StepMetrics superHf = SmallRuns.step(undisturbed, "superhf", 2);
    assertEquals(8, superHf.values().get("completions/kept")); // in three optimizer steps
    assertEquals(1e-2, superHf.values().get("learning-rate"), 1e-12); // second step of the warm-up
    assertTrue(superHf.values().get("kl/reference") > FLOAT32);
    assertTrue(superHf.values().get("reward/kept") > superHf.values().get("reward/mean"));
    assertTrue(SmallRuns.step(undisturbed, "rto", 1).values().get("shaping/mean") != 0);
  }
}
