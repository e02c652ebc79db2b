package dev.troupe.actors.event;

/** Someone who follows a run. */
@FunctionalInterface
public interface RunListener {
  /**
   * Takes note of an event. Events of one run come one after the other, in order, though not always
   * on the same thread; an implementation returns quickly and does not throw.
   */
  void on(RunEvent event);

  /** Tells this one first, then the other. */
  default RunListener and(RunListener other) {
    return event -> {
      on(event);
      other.on(event);
    };
  }
}
