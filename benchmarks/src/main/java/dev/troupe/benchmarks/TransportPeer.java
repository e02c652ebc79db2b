package dev.troupe.benchmarks;

import com.sun.jna.Memory;
import dev.troupe.runtime.transport.Cargo;
import dev.troupe.runtime.transport.DataPlane;
import dev.troupe.runtime.transport.Landed;
import dev.troupe.runtime.transport.ParcelId;
import dev.troupe.runtime.transport.Place;
import dev.troupe.runtime.transport.PlaneSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The receiving process of the transport benchmark. It does what each line of its input says and
 * answers with the nanoseconds that it took, or with the port where it listens.
 */
final class TransportPeer {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final DataPlane plane;
  private final Memory memory;
  private final SharedCopy copy;
  private SocketChannel socket;
  private BareStream bareUdp;
  private BareStream bareIpc;

  private TransportPeer(DataPlane plane, int bytes, Path copyFile) throws IOException {
    this.plane = plane;
    this.memory = new Memory(bytes);
    this.memory.clear();
    this.copy = new SharedCopy(copyFile, bytes);
  }

  /** Arguments: host, media driver's directory, bytes of a transfer, file of the shared copy. */
  public static void main(String[] arguments) throws IOException {
    PlaneSettings settings =
        PlaneSettings.of(arguments[0], 0, Path.of(arguments[1]), TransportBench.SECRET);
    try (var plane = new DataPlane(settings);
        var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      var peer = new TransportPeer(plane, Integer.parseInt(arguments[2]), Path.of(arguments[3]));
      say(plane.place().endpoint());
      String order;
      while ((order = orders.readLine()) != null) {
        say(Long.toString(peer.obey(order.split(" "))));
      }
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private long obey(String[] order) throws IOException {
    long start = System.nanoTime();
    switch (order[0]) {
      case "fetch" -> fetch(Long.parseLong(order[1]), Place.parse(order[2]));
      case "follow" -> plane.follow(Place.parse(order[1]));
      case "unfollow" -> plane.unfollow(Place.parse(order[1]));
      case "copy" -> copy.receive(buffer());
      case "connect" ->
          socket =
              SocketChannel.open(new InetSocketAddress("127.0.0.1", Integer.parseInt(order[1])));
      case "socket" -> read();
      case "listen" -> {
        bareUdp = BareStream.at(plane.aeronDirectory(), order[1]);
        bareIpc = BareStream.in(plane.aeronDirectory());
        return bareUdp.port();
      }
      case "bare-udp" -> bareUdp.receive(buffer());
      case "bare-ipc" -> bareIpc.receive(buffer());
      default -> throw new IllegalArgumentException(order[0]);
    }
    return System.nanoTime() - start;
  }

  /** Without the digest of the whole, which no other way of the comparison makes. */
  private void fetch(long number, Place from) {
    ParcelId id = id(number);
    try (Landed landed = plane.fetch(id, List.of(from), LONG, bytes -> id.digest())) {
      if (landed.bytes().length() != memory.size()) {
        throw new IllegalStateException(landed.bytes().length() + " bytes came");
      }
    }
  }

  static ParcelId id(long number) {
    return new ParcelId(Cargo.WEIGHTS, 0, number, "%064x".formatted(number));
  }

  private ByteBuffer buffer() {
    return memory.getByteBuffer(0, memory.size());
  }

  private void read() throws IOException {
    ByteBuffer target = buffer();
    while (target.hasRemaining()) {
      target.limit((int) Math.min(memory.size(), target.position() + (1 << 20)));
      if (socket.read(target) < 0) {
        throw new IOException("the socket ended after " + target.position() + " bytes");
      }
      target.limit((int) memory.size());
    }
  }
}
