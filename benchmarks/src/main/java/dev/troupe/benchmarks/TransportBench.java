package dev.troupe.benchmarks;

import com.sun.jna.Memory;
import com.sun.management.OperatingSystemMXBean;
import dev.troupe.runtime.transport.CastReport;
import dev.troupe.runtime.transport.DataPlane;
import dev.troupe.runtime.transport.Parcel;
import dev.troupe.runtime.transport.ParcelId;
import dev.troupe.runtime.transport.Place;
import dev.troupe.runtime.transport.PlaneSettings;
import dev.troupe.runtime.transport.Segments;
import dev.troupe.runtime.transport.SharedSecret;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;

/**
 * The sending process of the transport benchmark, with up to three receiving processes. Every round
 * takes every way once, so that all of them see the same neighbours.
 */
final class TransportBench implements AutoCloseable {
  /** Shared by the processes of the benchmark alone, on loopback. */
  static final SharedSecret SECRET = SharedSecret.of("the transport benchmark's own");

  static final String COPY = "shared-memory copy";
  static final String IPC = "Aeron IPC";
  static final String SOCKET = "NIO socket";
  static final String UDP = "Aeron UDP";
  static final String BARE_IPC = "bare Aeron IPC";
  static final String BARE_UDP = "bare Aeron UDP";

  private static final int WARM_UP = 2;
  private static final long LONG_S = 30;
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final int bytes;
  private final Path folder;
  private final Memory memory;
  private final DataPlane plane;
  private final SharedCopy copy;
  private final List<Peer> peers = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final Map<String, List<Double>> results = new TreeMap<>();
  private SocketChannel socket;
  private long number;

  /** A receiving process. */
  private static final class Peer {
    final Process process;
    final BufferedWriter orders;
    final BufferedReader answers;

    Peer(List<String> command) throws IOException {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      orders = process.outputWriter(StandardCharsets.UTF_8);
      answers = process.inputReader(StandardCharsets.UTF_8);
    }

    void order(String order) throws IOException {
      orders.write(order + "\n");
      orders.flush();
    }

    String answer() throws IOException {
      String answer = answers.readLine();
      if (answer == null) {
        throw new IOException("a receiving process ended; its message is above");
      }
      return answer;
    }

    double seconds() throws IOException {
      return Long.parseLong(answer()) * 1e-9;
    }
  }

  /**
   * @param bytes of a transfer
   */
  TransportBench(int bytes) throws IOException {
    this.bytes = bytes;
    Path shared = Path.of("/dev/shm");
    this.folder =
        Files.isWritable(shared)
            ? Files.createTempDirectory(shared, "troupe-bench")
            : Files.createTempDirectory("troupe-bench");
    this.memory = new Memory(bytes);
    byte[] noise = new byte[1 << 20];
    new Random(1).nextBytes(noise);
    for (int at = 0; at < bytes; at += noise.length) {
      memory.write(at, noise, 0, Math.min(noise.length, bytes - at));
    }
    this.copy = new SharedCopy(folder.resolve("copy"), bytes);
    this.plane = new DataPlane(PlaneSettings.of("127.0.0.1", 0, folder.resolve("sender"), SECRET));
    for (int i = 0; i < 3; i++) {
      peers.add(new Peer(command(host(i))));
    }
    for (Peer peer : peers) {
      Place.parse(peer.answer());
    }
    connect();
    listen();
  }

  /** The address of a receiving process. */
  static String host(int peer) {
    return "127.0.0." + (2 + peer);
  }

  private List<String> command(String host) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            TransportPeer.class.getName(),
            host,
            folder.resolve(host).toString(),
            Integer.toString(bytes),
            folder.resolve("copy").toString()));
    return command;
  }

  private void connect() throws IOException {
    try (ServerSocketChannel server =
        ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
      int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
      peers.get(0).order("connect " + port);
      socket = server.accept();
      peers.get(0).answer();
    }
  }

  private void listen() throws IOException {
    for (int i = 0; i < peers.size(); i++) {
      peers.get(i).order("listen " + host(i));
      ports.add(Integer.parseInt(peers.get(i).answer()));
    }
  }

  private ByteBuffer buffer() {
    return memory.getByteBuffer(0, bytes);
  }

  /** The place as another host sees it. */
  private Place remote() {
    Place place = plane.place();
    return new Place(place.host(), place.port(), place.aeronDirectory(), place.mark() + 1);
  }

  /** Measures one receiver by every way, then casts to one and to three by two ways. */
  void run(int rounds, Consumer<String> progress) throws IOException, InterruptedException {
    try (var udp = BareStream.to(plane.aeronDirectory(), ports.subList(0, 1));
        var ipc = BareStream.into(folder.resolve(host(0)))) {
      toOne(rounds, udp, ipc, progress);
    }
    for (boolean isLocal : new boolean[] {true, false}) {
      for (int receivers : new int[] {1, 3}) {
        progress.accept("casting to " + receivers + (isLocal ? " neighbours" : " by UDP"));
        cast(rounds, receivers, isLocal ? plane.place() : remote(), castName(isLocal, receivers));
      }
    }
    for (int receivers : new int[] {1, 3}) {
      progress.accept("sending to " + receivers + " by plain Aeron");
      try (var bare = BareStream.to(plane.aeronDirectory(), ports.subList(0, receivers))) {
        castBare(rounds, receivers, bare);
      }
    }
    results.put("CRC32C", List.of(checksum()));
  }

  private void toOne(int rounds, BareStream udp, BareStream ipc, Consumer<String> progress)
      throws IOException {
    for (int round = -WARM_UP; round < rounds; round++) {
      progress.accept(round < 0 ? "warming up" : "round " + (round + 1) + " of " + rounds);
      boolean isKept = round >= 0;
      rate(COPY, isKept, "copy", () -> copy.send(buffer()));
      rate(SOCKET, isKept, "socket", this::write);
      fetch(IPC, isKept, plane.place());
      fetch(UDP, isKept, remote());
      rate(BARE_IPC, isKept, "bare-ipc", () -> ipc.send(buffer()));
      rate(BARE_UDP, isKept, "bare-udp", () -> udp.send(buffer()));
    }
  }

  static String castName(boolean isLocal, int receivers) {
    return "cast " + (isLocal ? "IPC" : "UDP") + " to " + receivers;
  }

  private void rate(String name, boolean isKept, String order, Step send) throws IOException {
    Peer peer = peers.get(0);
    peer.order(order);
    send.run();
    keep(name, isKept, bytes * 1e-6 / peer.seconds());
  }

  /** What the sender does. */
  private interface Step {
    void run() throws IOException;
  }

  private void write() throws IOException {
    ByteBuffer source = buffer();
    while (source.hasRemaining()) {
      source.limit(Math.min(bytes, source.position() + (1 << 20)));
      while (source.hasRemaining()) {
        if (socket.write(source) < 0) {
          throw new IOException("the socket is closed");
        }
      }
      source.limit(bytes);
    }
  }

  private void fetch(String name, boolean isKept, Place place) throws IOException {
    ParcelId id = offer();
    peers.get(0).order("fetch " + id.number() + " " + place.endpoint());
    keep(name, isKept, bytes * 1e-6 / peers.get(0).seconds());
    plane.withdraw(id);
  }

  private ParcelId offer() {
    ParcelId id = TransportPeer.id(++number);
    plane.offer(new Parcel(id, Segments.of(List.of(buffer())), () -> {}));
    return id;
  }

  private void cast(int rounds, int receivers, Place place, String name)
      throws IOException, InterruptedException {
    List<Peer> followers = peers.subList(0, receivers);
    for (Peer peer : followers) {
      peer.order("follow " + place.endpoint());
      peer.answer();
    }
    awaitFollowers(receivers);
    for (int round = -WARM_UP; round < rounds; round++) {
      ParcelId id = offer();
      long cpu = SYSTEM.getProcessCpuTime();
      long start = System.nanoTime();
      CastReport report = await(id);
      double seconds = (System.nanoTime() - start) * 1e-9;
      double milliseconds = (SYSTEM.getProcessCpuTime() - cpu) * 1e-6;
      if (report.delivered().size() != receivers) {
        throw new IOException("a cast left somebody behind: " + report);
      }
      keep(name, round >= 0, bytes * 1e-6 / seconds);
      keep(name + " cpu", round >= 0, milliseconds);
      for (Peer peer : followers) {
        peer.order("fetch " + id.number() + " " + place.endpoint());
        peer.answer();
      }
      plane.withdraw(id);
    }
    for (Peer peer : followers) {
      peer.order("unfollow " + place.endpoint());
      peer.answer();
    }
    awaitFollowers(0);
  }

  private void castBare(int rounds, int receivers, BareStream bare) throws IOException {
    for (int round = -WARM_UP; round < rounds; round++) {
      for (Peer peer : peers.subList(0, receivers)) {
        peer.order("bare-udp");
      }
      long cpu = SYSTEM.getProcessCpuTime();
      bare.send(buffer());
      for (Peer peer : peers.subList(0, receivers)) {
        peer.answer();
      }
      double milliseconds = (SYSTEM.getProcessCpuTime() - cpu) * 1e-6;
      keep(BARE_UDP + " to " + receivers + " cpu", round >= 0, milliseconds);
    }
  }

  private CastReport await(ParcelId id) throws IOException, InterruptedException {
    try {
      return plane.cast(id).get(LONG_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("a cast did not end", e);
    }
  }

  private void awaitFollowers(int receivers) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG_S);
    while (plane.followers() != receivers) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(plane.followers() + " of " + receivers + " receivers follow");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** MB/s of the checksum that every chunk carries. */
  private double checksum() {
    var crc = new CRC32C();
    long start = System.nanoTime();
    crc.update(buffer());
    return bytes * 1e-6 / ((System.nanoTime() - start) * 1e-9);
  }

  private void keep(String name, boolean isKept, double value) {
    if (isKept) {
      results.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }
  }

  /** The middle of the rounds: MB/s, or milliseconds of the sender's processors for casts. */
  double median(String name) {
    double[] sorted =
        results.get(name).stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  @Override
  public void close() {
    for (Peer peer : peers) {
      CloseHelper.quietCloseAll(peer.orders, peer.answers);
      peer.process.destroy();
    }
    CloseHelper.quietCloseAll(socket, plane);
    memory.close();
    IoUtil.delete(folder.toFile(), true);
  }
}
