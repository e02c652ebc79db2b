package dev.troupe.runtime.http;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Keeps callers from a server that is down: after some failures in a row nobody calls for a while;
 * then one caller tries, and what becomes of that call decides for all. Safe for several threads.
 */
final class CircuitBreaker {
  private final int failures;
  private final Duration pause;
  private final LongSupplier nanos;

  private int inARow;
  private String reason = "";
  private long openedAt;
  private boolean isOpen;
  private boolean isTrying;

  /**
   * @param failures in a row that open it, at least 1
   * @param pause how long nobody calls
   * @param nanos a clock that never goes back, in nanoseconds
   */
  CircuitBreaker(int failures, Duration pause, LongSupplier nanos) {
    this.failures = failures;
    this.pause = pause;
    this.nanos = nanos;
  }

  /**
   * Asks for leave to call; whoever gets it must say what became of the call.
   *
   * @return empty with leave, else why there is none
   */
  synchronized Optional<String> refusal() {
    if (!isOpen) {
      return Optional.empty();
    }
    long leftNanos = pause.toNanos() - (nanos.getAsLong() - openedAt);
    if (leftNanos <= 0 && !isTrying) {
      isTrying = true;
      return Optional.empty();
    }
    return Optional.of(
        leftNanos > 0
            ? "not called for another %d ms after %d failures in a row, the last of which: %s"
                .formatted(Math.max(1, leftNanos / 1_000_000), inARow, reason)
            : "not called while another caller tries whether it is back; the last failure: "
                + reason);
  }

  /** A call has had an answer. */
  synchronized void succeeded() {
    inARow = 0;
    isOpen = false;
    isTrying = false;
  }

  /** A call has had none. */
  synchronized void failed(String why) {
    inARow++;
    reason = why;
    if (isTrying || inARow >= failures) {
      isOpen = true;
      isTrying = false;
      openedAt = nanos.getAsLong();
    }
  }

  /** A call ended without telling anything about the server, such as by an interrupt. */
  synchronized void abandoned() {
    isTrying = false;
  }
}
