package dev.troupe.runtime.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a node's data plane is set up.
 *
 * @param host address to listen on and to be reached by
 * @param port UDP port, 0 for any free one
 * @param aeronDirectory of the media driver, best on a memory file system; joined if a driver is
 *     alive there, else one is launched
 * @param secret what peers must prove to know
 * @param mtuBytes largest datagram: 65504 on loopback, else what the network carries whole (1408
 *     for Ethernet, 8928 for jumbo frames)
 * @param windowBytes of unread data that a sender may be ahead of a receiver; cut to what the
 *     system allows as a socket buffer
 * @param termBytes of one of the three parts of a stream's buffer, a power of two
 * @param greeting longest wait for a peer's answers until its session is open
 * @param stall longest silence of a peer in the middle of a transfer
 */
public record PlaneSettings(
    String host,
    int port,
    Path aeronDirectory,
    SharedSecret secret,
    int mtuBytes,
    int windowBytes,
    int termBytes,
    Duration greeting,
    Duration stall) {
  /** Largest piece that one message through shared memory carries. */
  static final int LOCAL_MTU = 65504;

  private static final int MIB = 1 << 20;

  /** Of a stream through shared memory: what a reader may be behind is half of it. */
  static final int LOCAL_TERM = 8 * MIB;

  private static final int LOOPBACK_MTU = 65504;
  private static final int ETHERNET_MTU = 1408;

  /** Refuses what Aeron would, all at once and in words. */
  public PlaneSettings {
    var mistakes = new ArrayList<String>();
    require(mistakes, 0 <= port && port <= 65535, "port = " + port + " is outside [0, 65535]");
    require(
        mistakes,
        ETHERNET_MTU <= mtuBytes && mtuBytes <= LOOPBACK_MTU && mtuBytes % 32 == 0,
        "mtu = %d is not a multiple of 32 in [%d, %d]"
            .formatted(mtuBytes, ETHERNET_MTU, LOOPBACK_MTU));
    require(
        mistakes,
        windowBytes >= 2 * mtuBytes,
        "window = %d is less than two datagrams of mtu = %d".formatted(windowBytes, mtuBytes));
    require(
        mistakes,
        Integer.bitCount(termBytes) == 1 && termBytes >= MIB && termBytes <= 1 << 30,
        "term = " + termBytes + " is not a power of two in [1 MiB, 1 GiB]");
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException("data plane: " + String.join("; ", mistakes));
    }
  }

  private static void require(List<String> mistakes, boolean holds, String mistake) {
    if (!holds) {
      mistakes.add(mistake);
    }
  }

  /**
   * The settings that were measured to be best, by the kind of address: on loopback datagrams of 64
   * KiB, a window of 512 KiB and terms of 1 MiB, which stay in a core's cache; else datagrams that
   * every network carries, a window of 2 MiB and terms of 16 MiB, for answers take longer there. 3 s
   * for greetings, 2 s for silences.
   */
  public static PlaneSettings of(String host, int port, Path aeronDirectory, SharedSecret secret) {
    boolean isLoopback = isLoopback(host);
    return new PlaneSettings(
        host,
        port,
        aeronDirectory,
        secret,
        isLoopback ? LOOPBACK_MTU : ETHERNET_MTU,
        isLoopback ? MIB / 2 : 2 * MIB,
        isLoopback ? MIB : 16 * MIB,
        Duration.ofSeconds(3),
        Duration.ofSeconds(2));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "data plane: host = " + host + " is not known here; give an address of this machine", e);
    }
  }
}
