package dev.troupe.actors.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Ctrl-C: asks the run to end and gives it some time to do so before the process goes. */
final class Interrupt {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final CountDownLatch settled = new CountDownLatch(1);

  private Interrupt() {}

  static Interrupt stopping(Consumer<String> run) {
    var interrupt = new Interrupt();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupt.stop(run), "troupe-interrupt"));
    return interrupt;
  }

  /** The run is over; from here on nothing is waited for. */
  void settle() {
    settled.countDown();
  }

  private void stop(Consumer<String> run) {
    if (settled.getCount() == 0) {
      return;
    }
    run.accept("The run was interrupted.");
    try {
      if (!settled.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return; // Whatever still computes is lost; the checkpoints are not.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
