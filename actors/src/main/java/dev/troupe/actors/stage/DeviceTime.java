package dev.troupe.actors.stage;

import dev.troupe.runtime.model.Accelerator;

/** How long the device was busy, for whichever actor, from one look to the next. */
final class DeviceTime {
  private static final double NANOS = 1e9;

  private final Accelerator accelerator;
  private long seenNanos;

  DeviceTime(Accelerator accelerator) {
    this.accelerator = accelerator;
    this.seenNanos = accelerator.busyNanos();
  }

  /** Seconds since this was called last. */
  double seconds() {
    long before = seenNanos;
    seenNanos = accelerator.busyNanos();
    return (seenNanos - before) / NANOS;
  }
}
