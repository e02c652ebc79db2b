package dev.troupe.runtime.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a node's data plane can be reached. Nodes tell each other their places over the control
 * plane; a place is no secret and proves nothing.
 *
 * @param host address or name that the other nodes reach it by
 * @param port UDP port
 * @param aeronDirectory directory of its media driver, by which neighbours on the same host reach
 *     it through shared memory
 * @param mark random number that also lies in that directory: who reads it there shares the host
 */
public record Place(String host, int port, String aeronDirectory, long mark) {
  private static final String MARK = "troupe.mark";

  /** Whether its shared memory can be used from here. */
  boolean isNeighbour() {
    try {
      return Files.readString(markIn(Path.of(aeronDirectory))).equals(Long.toHexString(mark));
    } catch (IOException | java.nio.file.InvalidPathException e) {
      return false;
    }
  }

  static Path markIn(Path aeronDirectory) {
    return aeronDirectory.resolve(MARK);
  }

  /** For people: {@code host:port}. */
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
