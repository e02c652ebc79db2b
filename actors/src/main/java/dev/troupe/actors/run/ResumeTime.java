package dev.troupe.actors.run;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunListener;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log how long it took until a run that was taken up again trained its next step. */
final class ResumeTime implements RunListener {
  private static final Logger LOG = LoggerFactory.getLogger(ResumeTime.class);
  private static final double SECOND = 1000;

  private final long processMillis;
  private final Duration engine;
  private boolean isAwaited;

  /**
   * @param processMillis how old the process was when it began to work on the run
   * @param engine how long the tensor engine took to start
   */
  ResumeTime(long processMillis, Duration engine) {
    this.processMillis = processMillis;
    this.engine = engine;
  }

  /** Age of this process. */
  static long ageMillis() {
    return ManagementFactory.getRuntimeMXBean().getUptime();
  }

  @Override
  public void on(RunEvent event) {
    if (event instanceof RunEvent.RunStarted started) {
      isAwaited = started.isResumed();
    } else if (isAwaited && event instanceof RunEvent.StepFinished step) {
      isAwaited = false;
      LOG.info(
          "resumed: step {} of stage {} was trained {} s after the process began, of which {} s were its own start and {} s that of the engine",
          step.metrics().step(),
          step.metrics().stage(),
          ageMillis() / SECOND,
          processMillis / SECOND,
          engine.toMillis() / SECOND);
    }
  }
}
