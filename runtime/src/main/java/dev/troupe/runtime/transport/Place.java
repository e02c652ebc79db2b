package dev.troupe.runtime.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
  private static final Pattern ENDPOINT = Pattern.compile("(.+):(\\d{1,5})#([0-9a-f]{1,16})@(.+)");

  /** The place as one line, for others to {@link #parse}. */
  public String endpoint() {
    return host + ":" + port + "#" + Long.toHexString(mark) + "@" + aeronDirectory;
  }

  /**
   * Reads an {@link #endpoint()}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Place parse(String endpoint) {
    Matcher parts = ENDPOINT.matcher(endpoint);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is no endpoint of a data plane, such as 10.0.0.1:40123#1f@/dev/shm/aeron"
              .formatted(endpoint));
    }
    return new Place(
        parts.group(1),
        Integer.parseInt(parts.group(2)),
        parts.group(4),
        Long.parseUnsignedLong(parts.group(3), 16));
  }

  /** Whether its shared memory can be used from here. */
  boolean isNeighbour() {
    if (CutOff.isPossible()) {
      return false; // Shared memory would go around the cut.
    }
    try {
      return Files.readString(markIn(Path.of(aeronDirectory))).equals(Long.toHexString(mark));
    } catch (IOException | InvalidPathException e) {
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
