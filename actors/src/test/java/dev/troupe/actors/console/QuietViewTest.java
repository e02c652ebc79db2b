package dev.troupe.actors.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.console.Style.Glyphs;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunEvent.RunFinished;
import org.junit.jupiter.api.Test;

class QuietViewTest {
  private final CapturedOutput output = new CapturedOutput();
  private final QuietView view = new QuietView(output.stream(), new Style(false, Glyphs.UNICODE));

  @Test
  void isSilentUntilTheResult() {
    for (RunEvent event : InventedRun.events()) {
      view.on(event);
      String text = output.take();
      if (event instanceof RunFinished) {
        assertTrue(text.startsWith("✓ arithmetic finished in 2 min 11 s\n"), text);
      } else {
        assertEquals("", text);
      }
    }
  }

  @Test
  void tellsAFailure() {
    view.on(InventedRun.failure());
    assertEquals(
        """
        ✗ the disk of runs/arithmetic is full: 0 bytes left, a checkpoint needs 12 MB
          Free some space, then run the same command again: it resumes at step 20.
        """,
        output.take());
  }
}
