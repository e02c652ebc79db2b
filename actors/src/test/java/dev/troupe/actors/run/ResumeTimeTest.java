package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.runtime.record.StepMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ResumeTimeTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(ResumeTime.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final ResumeTime time = new ResumeTime(1200, Duration.ofMillis(2300));

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setLevel(null); // As its parents have it.
  }

  private void run(boolean isResumed, long... steps) {
    time.on(new RunEvent.RunStarted("small", "cpu", 1, "runs/small", isResumed));
    for (long step : steps) {
      time.on(new RunEvent.StepFinished(new StepMetrics("grpo", step, 80, 1, Map.of())));
    }
  }

  @Test
  void theFirstStepAfterARestartIsToldOnce() {
    run(true, 41, 42);

    List<String> told = lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    assertEquals(1, told.size());
    assertTrue(
        told.get(0)
            .matches(
                "resumed: step 41 of stage grpo was trained [\\d.]+ s after the process began, of which 1.2 s were its own start and 2.3 s that of the engine"),
        told.get(0));
  }

  @Test
  void aRunThatBeginsHasNothingToTell() {
    run(false, 1, 2);

    assertEquals(List.of(), lines.list);
  }
}
