package dev.troupe.actors.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.troupe.actors.console.Style.Glyphs;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunEvent.EvaluationFinished;
import dev.troupe.actors.event.RunEvent.RunFinished;
import dev.troupe.actors.event.RunEvent.StageFinished;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StageRecord;
import dev.troupe.runtime.record.StepMetrics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PlainViewTest {
  private static final Style PLAIN = new Style(false, Glyphs.ASCII);

  private final CapturedOutput output = new CapturedOutput();
  private long now;

  @Test
  void writesAStepEveryTwoSecondsAndTheEndsOfStages() {
    try (var view = new PlainView(output.stream(), PLAIN, () -> now)) {
      for (RunEvent event : InventedRun.events()) {
        now += TimeUnit.MILLISECONDS.toNanos(75);
        view.on(event);
      }
    }
    // 2 s are 27 events of 75 ms: 27 steps of the warm-up, 9 of grpo with its three events a step.
    assertEquals(
        """
        troupe runs arithmetic - cpu - 2 threads - runs/arithmetic
          evaluating on 250 prompts~
          held-out accuracy before  12.0%  (95% interval 8.5% to 16.6%, 250 prompts)
        warm-up: 40 steps
          warm-up 1/40  loss 1.78  0.5 s elapsed  20 s left
          warm-up 28/40  loss 0.444  14 s elapsed  6.0 s left
          warm-up 40/40  loss 0.333  20 s elapsed
        + warm-up  40 steps  20 s  loss 1.54 -> 0.344
        grpo: 40 steps
          grpo 1/40  reward 0.219  KL 0.0013  length 14.3 tokens  generates 813 tokens/s  loss -0.0100  gradient 0.900  2.4 s elapsed  1 min 34 s left
          grpo 10/40  reward 0.301  KL 0.0067  length 15.5 tokens  generates 813 tokens/s  loss -0.0200  gradient 0.900  24 s elapsed  1 min 12 s left
          grpo 19/40  reward 0.530  KL 0.0220  length 18.9 tokens  generates 813 tokens/s  loss 0.0200  gradient 0.900  46 s elapsed  50 s left
        ! 2 rewards missed their deadline of 10 s; scored again
          grpo 28/40  reward 0.728  KL 0.0352  length 21.9 tokens  generates 813 tokens/s  loss 0.0100  gradient 0.900  1 min 07 s elapsed  29 s left
          grpo 37/40  reward 0.787  KL 0.0391  length 22.8 tokens  generates 813 tokens/s  loss 0  gradient 0.900  1 min 29 s elapsed  7.2 s left
          grpo 40/40  reward 0.793  KL 0.0395  length 22.9 tokens  generates 813 tokens/s  loss -0.0200  gradient 0.900  1 min 36 s elapsed
        + grpo  40 steps  1 min 36 s  reward 0.226 -> 0.790
          evaluating on 250 prompts~
          held-out accuracy after  74.8%  (95% interval 69.1% to 79.8%, 250 prompts)
        + arithmetic finished in 2 min 11 s

          held-out accuracy  12.0% -> 74.8%  on 250 prompts
            before: 95% interval 8.5% to 16.6%
            after: 95% interval 69.1% to 79.8%
            change on the same prompts: +62.8 points, 95% interval +56.4 to +68.8

          Worth looking at, in runs/arithmetic
            report.html          curves, accuracies and samples on one page
            checkpoints/step-40  the trained model, Hugging Face layout
            metrics.jsonl        every number of every step
        """,
        output.take());
  }

  @Test
  void tellsAGradedRewardInItsOwnUnit() {
    try (var view = new PlainView(output.stream(), PLAIN, () -> now)) {
      view.on(new EvaluationFinished(InventedRun.graded("before", 0.155, -0.021, 0.334)));
      view.on(new RunFinished(InventedRun.graded()));
    }
    assertEquals(
        """
          held-out prompts mean reward before  0.155  (95% interval -0.0210 to 0.334, 16 prompts)
        + stories finished in 2 min 11 s

          held-out prompts mean reward  0.155 -> 0.695  on 16 prompts
            before: 95% interval -0.0210 to 0.334
            after: 95% interval 0.571 to 0.793
            change on the same prompts: +0.540, 95% interval +0.409 to +0.671
        """,
        output.take());
  }

  @Test
  void tellsAStageOfOneStepByOneValue() {
    var step = new StepMetrics("soup", 1, 1, 0.8, Map.of("soup/distance", 1.55));
    Metric distance = Metric.named("soup/distance");
    try (var view = new PlainView(output.stream(), PLAIN, () -> now)) {
      view.on(new StageFinished(new StageRecord("soup", "soup", distance, 0.8, List.of(step))));
    }
    assertEquals("+ soup  1 step  0.8 s  soup/distance 1.55\n", output.take());
  }

  @Test
  void writesNoControlSequences() {
    try (var view = new PlainView(output.stream(), PLAIN, () -> now)) {
      InventedRun.events().forEach(view::on);
      view.on(InventedRun.failure());
    }
    assertFalse(output.take().contains("\u001b"));
  }
}
