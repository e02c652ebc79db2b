package dev.troupe.actors.chaos;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Brings faults over one process from outside.
 *
 * @param process to be disturbed
 * @param switches its own
 * @param patience of a command
 * @param complaints is told what cannot be brought about
 */
record Signals(Process process, Switches switches, Duration patience, Consumer<String> complaints) {

  /** What a fault does to the process at once; the second half of some comes by {@link #end}. */
  void begin(FaultPoint point) {
    switch (point.fault()) {
      case TERM -> process.toHandle().destroy();
      case STOP -> signal("-STOP");
      case PARTITION -> switches.cutOff(true);
      case CLOCK_JUMP -> switches.jump(point);
      case DISK_FULL -> tell("prlimit", "--pid", Long.toString(process.pid()), "--fsize=1:1");
      default -> kill();
    }
  }

  /** Ends what does not end by itself. */
  void end(FaultPoint point) {
    switch (point.fault()) {
      case STOP -> signal("-CONT");
      case PARTITION -> switches.cutOff(false);
      default -> {}
    }
  }

  /** By its handle: the process itself would close what is still to be read from it. */
  void kill() {
    process.toHandle().destroyForcibly();
  }

  private void signal(String signal) {
    tell("kill", signal, Long.toString(process.pid()));
  }

  private void tell(String... command) {
    try {
      Process told = new ProcessBuilder(command).inheritIO().start();
      if (!told.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        told.destroyForcibly();
      }
    } catch (IOException e) {
      complaints.accept("the fault could not be brought about: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
