package dev.troupe.actors.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.console.Style.Glyphs;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunEvent.ActivityChanged;
import dev.troupe.actors.event.RunEvent.StageStarted;
import dev.troupe.actors.event.RunEvent.StepFinished;
import dev.troupe.runtime.record.Metric;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TerminalViewTest {
  private static final int COLUMNS = 80;

  private final CapturedOutput output = new CapturedOutput();
  private final Screen screen = new Screen(COLUMNS);
  private long now;
  private final TerminalView view =
      new TerminalView(output.stream(), COLUMNS, new Style(true, Glyphs.UNICODE), () -> now);

  private void play(List<RunEvent> events) {
    for (RunEvent event : events) {
      now += TimeUnit.MILLISECONDS.toNanos(500);
      view.on(event);
      screen.write(output.take());
    }
  }

  @Test
  void drawsTheStageInProgressBelowWhatIsDone() {
    List<RunEvent> events = InventedRun.events();
    play(events.subList(0, events.size() / 2));
    assertEquals(
        """
        troupe runs arithmetic · cpu · 2 threads · runs/arithmetic
          held-out accuracy before  12.0%  (95% interval 8.5% to 16.6%, 250 prompts)
        ✓ warm-up  40 steps  20 s  loss 1.54 → 0.344
          grpo  ━━━━━━━━━━━━━───────────────────────────  step 13/40   32%
          reward 0.361  ▁▂▁▂▃▂▃▅▃▅▇▆█
          KL 0.0108 · length 16.4 tokens · generates 813 tokens/s · loss 0.0100
          31 s elapsed · about 1 min 05 s left · training
        """,
        screen.text());
  }

  @Test
  void leavesTheResultAndNothingOfTheBlock() {
    play(InventedRun.events());
    view.close();
    assertEquals(
        """
        troupe runs arithmetic · cpu · 2 threads · runs/arithmetic
          held-out accuracy before  12.0%  (95% interval 8.5% to 16.6%, 250 prompts)
        ✓ warm-up  40 steps  20 s  loss 1.54 → 0.344
        ! 2 rewards missed their deadline of 10 s; scored again
        ✓ grpo  40 steps  1 min 36 s  reward 0.226 → 0.790
          held-out accuracy after  74.8%  (95% interval 69.1% to 79.8%, 250 prompts)

        ✓ arithmetic finished in 2 min 11 s

          held-out accuracy  12.0% → 74.8%  on 250 prompts
            before: 95% interval 8.5% to 16.6%
            after: 95% interval 69.1% to 79.8%
            change on the same prompts: +62.8 points, 95% interval +56.4 to +68.8

          Worth looking at, in runs/arithmetic
            report.html          curves, accuracies and samples on one page
            checkpoints/step-40  the trained model, Hugging Face layout
            metrics.jsonl        every number of every step
        """,
        screen.text());
  }

  @Test
  void tellsAFailureWholeAndWhatToDo() {
    List<RunEvent> events = InventedRun.events();
    play(events.subList(0, 10));
    play(List.of(InventedRun.failure()));
    String text = screen.text();
    assertTrue(
        text.endsWith(
            """
            ✗ the disk of runs/arithmetic is full: 0 bytes left, a checkpoint needs 12 MB
              Free some space, then run the same command again: it resumes at step 20.
            """),
        text);
    assertFalse(text.contains("elapsed"), text);
  }

  @Test
  void drawsAtMostTenFramesASecond() {
    play(List.of(new StageStarted("grpo", "grpo", Metric.REWARD_MEAN, 40, List.of())));
    int frames = 0;
    for (int event = 0; event < 1000; event++) {
      now += TimeUnit.MILLISECONDS.toNanos(1);
      view.on(new ActivityChanged("activity " + event));
      view.tick();
      frames += output.take().isEmpty() ? 0 : 1;
    }
    assertEquals(10, frames);
  }

  @Test
  void aTickShowsWhatWasHeldBackAndMovesTheClock() {
    play(List.of(new StageStarted("grpo", "grpo", Metric.REWARD_MEAN, 40, List.of())));
    view.on(new StepFinished(InventedRun.grpo().steps().get(0)));
    assertEquals("", output.take());
    now += TimeUnit.SECONDS.toNanos(3);
    view.tick();
    String text = screen.write(output.take()).text();
    assertTrue(text.contains("step 1/40"), text);
    assertTrue(text.contains("5.4 s elapsed · about 1 min 31 s left"), text); // 2.4 + 3, 93.6 - 3
  }

  @Test
  void aResumedStageShowsItsEarlierSteps() {
    play(
        List.of(
            new StageStarted(
                "grpo",
                "grpo",
                Metric.REWARD_MEAN,
                40,
                InventedRun.grpo().steps().subList(0, 20))));
    assertTrue(screen.text().contains("step 20/40   50%"), screen.text());
  }
}
