package dev.troupe.runtime.transport;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How large the system lets socket buffers be; Aeron refuses windows beyond them. */
final class SocketBuffers {
  private static final Logger LOG = LoggerFactory.getLogger(SocketBuffers.class);
  private static final Path RECEIVE = Path.of("/proc/sys/net/core/rmem_max");
  private static final Path SEND = Path.of("/proc/sys/net/core/wmem_max");

  private SocketBuffers() {}

  /** The wanted length, or the longest that is allowed here. */
  static int fit(int wantedBytes) {
    long allowed = Math.min(limit(RECEIVE, wantedBytes), limit(SEND, wantedBytes));
    if (allowed < wantedBytes) {
      LOG.warn(
          "socket buffers of {} bytes are wanted, the system allows {}: bulk transfers are slower; "
              + "raise net.core.rmem_max and net.core.wmem_max",
          wantedBytes,
          allowed);
    }
    return (int) Math.min(wantedBytes, allowed);
  }

  private static long limit(Path file, int otherwise) {
    // One read of the whole: in some sandboxes the second read of such a file finds nothing.
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      return Long.parseLong(reader.readLine().strip());
    } catch (IOException | NumberFormatException e) {
      return otherwise;
    }
  }
}
