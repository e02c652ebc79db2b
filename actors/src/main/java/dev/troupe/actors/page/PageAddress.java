package dev.troupe.actors.page;

import dev.troupe.actors.cluster.SecretFile;
import dev.troupe.actors.protocol.RunException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the page is served, and to whom.
 *
 * @param host name or address; readers of any but a loopback address need the token
 * @param port 0 for any free one
 * @param token file of the token, which is made when it is missing
 */
public record PageAddress(String host, int port, Path token) {
  private static final Pattern TEXT = Pattern.compile("(?:(.+):)?(\\d{1,5})");
  private static final Pattern TOKEN = Pattern.compile("[\\w.~-]{16,}");
  private static final String LOOPBACK = "127.0.0.1";

  /**
   * Reads {@code PORT} or {@code ADDRESS:PORT}.
   *
   * @throws RunException if it is neither
   */
  public static PageAddress parse(String text, Path token) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new RunException(
          "--page %s is neither a port nor an address with a port, such as 8080 or 10.0.0.5:8080."
              .formatted(text));
    }
    String host = parts.group(1) == null ? LOOPBACK : parts.group(1);
    return new PageAddress(host, Integer.parseInt(parts.group(2)), token);
  }

  /** Where the token is unless somebody says otherwise. */
  public static Path usualToken() {
    return SecretFile.usual().resolveSibling("page-token");
  }

  InetSocketAddress socket() {
    if (port < 0 || port > 65_535) {
      throw new RunException(
          "--page %d is no port; give 0 for any free one, or one from 1 to 65535.".formatted(port));
    }
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new RunException(
          "The host name %s is not known here; give an address of this machine for the page."
              .formatted(host),
          e);
    }
  }

  /** How to let readers in. */
  Gate gate() {
    if (socket().getAddress().isLoopbackAddress()) {
      return Gate.local();
    }
    String text = SecretFile.text(token, "token of the page");
    if (!TOKEN.matcher(text).matches()) {
      throw new RunException(
          "The token of the page in %s must have 16 characters or more, of letters, digits and -._~ only."
              .formatted(token));
    }
    return Gate.guarded(text);
  }
}
