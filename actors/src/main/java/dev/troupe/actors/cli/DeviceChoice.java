package dev.troupe.actors.cli;

import dev.troupe.runtime.model.Accelerator;
import picocli.CommandLine.Option;

/** Options of commands that compute on one device of this machine. */
final class DeviceChoice {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "Where to compute: cpu or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "CPU threads of one tensor operation; 0 = all cores.")
  private int threads;

  /** Opens the device; belongs to the caller. */
  Accelerator open() {
    return Accelerator.of(device, threads);
  }
}
