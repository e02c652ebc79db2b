package dev.troupe.runtime.reward.code;

import dev.troupe.runtime.settings.Checked;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a program may use.
 *
 * @param wallTime from its start to its end
 * @param cpuTime of one process
 * @param memoryBytes resident, all processes together; twice that is the address space of one
 * @param processes at the same time
 * @param outputBytes of standard output and error together
 * @param diskBytes of files in its temporary directory, which is in memory
 * @param readOnly paths that it may read beside the system's programs and libraries
 * @param allowUnsandboxed whether it may run without a sandbox where there is none
 */
record Confinement(
    Duration wallTime,
    Duration cpuTime,
    long memoryBytes,
    int processes,
    int outputBytes,
    long diskBytes,
    List<Path> readOnly,
    boolean allowUnsandboxed) {
  private static final Duration SHORTEST = Duration.ofMillis(10);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final long MEBIBYTE = 1 << 20;

  Confinement {
    readOnly = List.copyOf(readOnly);
  }

  static Confinement read(Checked reward) {
    return new Confinement(
        reward.duration("wall-time", SHORTEST, LONGEST),
        reward.duration("cpu-time", Duration.ofSeconds(1), LONGEST),
        reward.integer("memory-mib", 8, 1 << 20) * MEBIBYTE,
        reward.integer("processes", 1, 10_000),
        reward.integer("output-kib", 1, 1 << 20) << 10,
        reward.integer("disk-mib", 1, 1 << 20) * MEBIBYTE,
        reward.texts("read-only").stream().map(Path::of).toList(),
        reward.bool("allow-unsandboxed"));
  }
}
