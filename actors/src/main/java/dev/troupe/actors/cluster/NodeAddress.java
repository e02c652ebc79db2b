package dev.troupe.actors.cluster;

import dev.troupe.actors.protocol.RunException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;

/**
 * Host and port of a node.
 *
 * @param host name or address
 * @param port 0 for any free one
 */
public record NodeAddress(String host, int port) {
  private static final int MOST = 65_535;

  /**
   * Reads {@code host:port}.
   *
   * @throws RunException if it is none
   */
  public static NodeAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0 && text.substring(colon + 1).matches("\\d{1,5}")) {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port >= 1 && port <= MOST) {
        return new NodeAddress(text.substring(0, colon), port);
      }
    }
    throw new RunException(
        "\"%s\" is no address of a node; write host:port with a port from 1 to %d, such as 127.0.0.1:25520."
            .formatted(text, MOST));
  }

  /**
   * The same with a port that is free at this moment.
   *
   * @param option on the command line that chooses the port
   * @throws RunException if the host is not this one, or the port is in use
   */
  NodeAddress free(NodeSettings.Transport transport, String option) {
    InetAddress own = own();
    InetSocketAddress wanted = new InetSocketAddress(own, port);
    try {
      if (transport != NodeSettings.Transport.AERON_UDP) {
        try (ServerSocket socket = new ServerSocket(port, 1, own)) {
          return new NodeAddress(host, socket.getLocalPort());
        }
      }
      try (DatagramChannel channel = DatagramChannel.open().bind(wanted)) {
        return new NodeAddress(host, ((InetSocketAddress) channel.getLocalAddress()).getPort());
      }
    } catch (IOException e) {
      throw new RunException(
          "Port %d of %s is in use; choose another with %s, or end the program that has it."
              .formatted(port, host, option),
          e);
    }
  }

  /**
   * Sees to it that packets from here have a way to another node; whether it is there and takes
   * them is another question.
   *
   * @throws RunException if the other's name is unknown or this machine has no route to it
   */
  void requireRouteTo(NodeAddress other) {
    InetSocketAddress there = new InetSocketAddress(other.host(), other.port());
    if (there.isUnresolved()) {
      throw new RunException(
          "The host name %s of the seed node %s is not known here; check --seed-nodes, or give its address."
              .formatted(other.host(), other));
    }
    // To connect a datagram socket sends nothing: it looks up the route.
    try (DatagramChannel channel = DatagramChannel.open().bind(new InetSocketAddress(own(), 0))) {
      channel.connect(there);
    } catch (IOException e) {
      throw new RunException(
          "There is no route from %s to the seed node %s (%s); give an address of this machine in its network with --host, or check --seed-nodes."
              .formatted(host, other, e.getMessage()),
          e);
    }
  }

  private InetAddress own() {
    try {
      InetAddress own = InetAddress.getByName(host);
      if (NetworkInterface.getByInetAddress(own) != null || own.isLoopbackAddress()) {
        return own;
      }
      throw new RunException(
          "%s is no address of this machine; give one that is with --host.".formatted(host));
    } catch (UnknownHostException e) {
      throw new RunException(
          "The host name %s is not known here; give an address of this machine with --host."
              .formatted(host),
          e);
    } catch (SocketException e) {
      throw new RunException("The network interfaces of this machine cannot be read: " + e, e);
    }
  }

  /** {@code host:port}. */
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
