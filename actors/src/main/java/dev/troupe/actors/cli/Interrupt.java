package dev.troupe.actors.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Ctrl-C and SIGTERM: asks the run to end in order and gives it some time to do so before the
 * process goes. If it does, the process ends with its exit code and not with that of the signal.
 */
final class Interrupt {
  /** What is left to do once the run has ended: closing files, ending native work. */
  private static final Duration CLOSING = Duration.ofSeconds(40);

  private final Duration grace;
  private final CountDownLatch settled = new CountDownLatch(1);
  private volatile BiConsumer<String, Duration> run = (reason, time) -> {};
  private volatile boolean hasCome;
  private volatile int exitCode;

  private Interrupt(Duration grace) {
    this.grace = grace;
  }

  /**
   * From now on the process does not end without asking.
   *
   * @param grace how long what was begun may take to be finished; zero for an end at once
   */
  static Interrupt within(Duration grace) {
    var interrupt = new Interrupt(grace);
    Runtime.getRuntime().addShutdownHook(new Thread(interrupt::come, "troupe-interrupt"));
    return interrupt;
  }

  /** Who is asked, with a reason and the grace. */
  void attach(BiConsumer<String, Duration> asked) {
    run = asked;
    if (hasCome) {
      ask(); // It came before there was anybody to ask.
    }
  }

  /** All is over and closed; from here on nothing is waited for. */
  void settle(int code) {
    exitCode = code;
    settled.countDown();
  }

  private void ask() {
    run.accept("The run was interrupted.", grace);
  }

  private void come() {
    if (settled.getCount() == 0) {
      return;
    }
    hasCome = true;
    ask();
    try {
      if (settled.await(grace.plus(CLOSING).toMillis(), TimeUnit.MILLISECONDS)) {
        Runtime.getRuntime().halt(exitCode);
      }
      // Whatever still computes is lost; the checkpoints are not.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
