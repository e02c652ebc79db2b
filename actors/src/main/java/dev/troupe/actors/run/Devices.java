package dev.troupe.actors.run;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.model.Accelerator;

/** Opens devices for people, who may have asked for one that is not there. */
public final class Devices {
  private Devices() {}

  /**
   * Opens a device; the caller closes it.
   *
   * @param name {@code cpu} or {@code cuda:N}
   * @param threads threads of one tensor operation on the CPU; 0 = all cores
   * @throws RunException if there is no such device, with a sentence that says what there is
   */
  public static Accelerator open(String name, int threads) {
    try {
      return Accelerator.of(name, threads);
    } catch (IllegalArgumentException e) {
      throw new RunException(e.getMessage(), e);
    }
  }
}
