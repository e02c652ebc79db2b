package dev.troupe.actors.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.console.Style.Glyphs;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StepMetrics;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LiveBlockTest {
  private static final Style PLAIN = new Style(false, Glyphs.UNICODE);

  /** Ten of forty steps in 24 s, then 1.5 s more: at 2.4 s a step 72 - 1.5 = 70.5 s are left. */
  private static ViewState inStage() {
    List<StepMetrics> steps = InventedRun.grpo().steps().subList(0, 10);
    double[] history =
        steps.stream().mapToDouble(step -> step.value(Metric.REWARD_MEAN).orElseThrow()).toArray();
    return new ViewState(
        "grpo",
        Metric.REWARD_MEAN,
        40,
        history,
        Optional.of(steps.get(9)),
        "generating 8 groups",
        1.5);
  }

  private static ViewState atStart(String stage, String activity) {
    return new ViewState(
        stage, Metric.REWARD_MEAN, 40, new double[0], Optional.empty(), activity, 3.2);
  }

  @Test
  void showsTheStageInFourLines() {
    assertEquals(
        """
          grpo  ━━━━━━━━━━──────────────────────────────  step 10/40   25%
          reward 0.301  ▁▄▁▃▅▂▅█▅█
          KL 0.0067 · length 15.5 tokens · generates 813 tokens/s · loss -0.0200 · gradient 0.900
          26 s elapsed · about 1 min 11 s left · generating 8 groups
        """,
        LiveBlock.render(inStage(), 100, PLAIN));
  }

  @Test
  void leavesOutWhatDoesNotFit() {
    assertEquals(
        """
          grpo  ━━─────────  step 10/40   25%
          reward 0.301  ▁▄▁▃▅▂▅█▅█
          KL 0.0067 · length 15.5 tokens
          26 s elapsed · about 1 min 11 s le…
        """,
        LiveBlock.render(inStage(), 37, PLAIN));
  }

  @Test
  void speaksAsciiWhereItMust() {
    assertEquals(
        """
          grpo  ##########------------------------------  step 10/40   25%
          reward 0.301  _=_-+.+@+@
          KL 0.0067 - length 15.5 tokens - generates 813 tokens/s - loss -0.0200 - gradient 0.900
          26 s elapsed - about 1 min 11 s left - generating 8 groups
        """,
        LiveBlock.render(inStage(), 100, new Style(false, Glyphs.ASCII)));
  }

  @Test
  void promisesNoTimeBeforeTheFirstStep() {
    assertEquals(
        """
          grpo  ────────────────────────────────────────  step 0/40    0%
          reward after the first step
          3.2 s elapsed · generating
        """,
        LiveBlock.render(atStart("grpo", "generating"), 100, PLAIN));
  }

  @Test
  void betweenStagesShowsOnlyTheActivity() {
    assertEquals("  evaluating… 3.2 s\n", LiveBlock.render(atStart("", "evaluating"), 100, PLAIN));
    assertEquals("", LiveBlock.render(atStart("", ""), 100, PLAIN));
  }

  @Test
  void neverExceedsTheWidth() {
    for (int columns = 20; columns <= 140; columns++) {
      for (ViewState state : List.of(inStage(), atStart("a stage of a very long name", "x"))) {
        for (String line : LiveBlock.render(state, columns, PLAIN).split("\n")) {
          assertTrue(StyledLine.width(line) <= columns, line);
        }
      }
    }
  }
}
