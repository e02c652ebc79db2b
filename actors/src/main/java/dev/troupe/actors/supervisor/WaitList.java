package dev.troupe.actors.supervisor;

import java.util.List;

/** What the run is waiting for, oldest wait first. */
public record WaitList(List<Wait> waits) {
  /** Copies the list. */
  public WaitList {
    waits = List.copyOf(waits);
  }
}
