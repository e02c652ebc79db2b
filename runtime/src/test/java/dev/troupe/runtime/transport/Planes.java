package dev.troupe.runtime.transport;

import io.aeron.logbuffer.FragmentHandler;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.agrona.CloseHelper;

/** Data planes of a test, each on an address and with a media driver of its own. */
final class Planes implements AutoCloseable {
  static final SharedSecret SECRET = SharedSecret.of("a secret of the tests alone");
  static final Duration LONG = Duration.ofSeconds(10);

  private static final Path MEMORY = Path.of("/dev/shm");
  private final Path folder;
  private final List<DataPlane> open = new ArrayList<>();
  private int next = 1;

  Planes() throws java.io.IOException {
    folder =
        Files.isWritable(MEMORY)
            ? Files.createTempDirectory(MEMORY, "troupe-test")
            : Files.createTempDirectory("troupe-test");
  }

  DataPlane start() {
    return start(SECRET, UnaryOperator.identity());
  }

  DataPlane start(SharedSecret secret, UnaryOperator<FragmentHandler> tap) {
    int index = next++;
    var plane = new DataPlane(settings("127.0.0." + index, 0, secret), tap);
    open.add(plane);
    return plane;
  }

  PlaneSettings settings(String host, int port, SharedSecret secret) {
    PlaneSettings usual = PlaneSettings.of(host, port, directory(host), secret);
    return new PlaneSettings(
        host,
        port,
        usual.aeronDirectory(),
        secret,
        usual.mtuBytes(),
        usual.windowBytes(),
        1 << 20,
        usual.greeting(),
        Duration.ofSeconds(1));
  }

  Path directory(String name) {
    return folder.resolve(name);
  }

  /** The place as nodes of other hosts see it: without shared memory. */
  static Place remote(DataPlane plane) {
    Place place = plane.place();
    return new Place(place.host(), place.port(), place.aeronDirectory(), place.mark() + 1);
  }

  /** A parcel of random bytes with the digest of them. */
  static Parcel parcel(long number, int bytes) {
    ByteBuffer memory = ByteBuffer.allocateDirect(bytes);
    byte[] random = new byte[bytes];
    new Random(number).nextBytes(random);
    memory.put(random).flip();
    // Two pieces that end in the middle of a chunk.
    Segments segments =
        Segments.of(
            List.of(memory.slice(0, bytes / 3), memory.slice(bytes / 3, bytes - bytes / 3)));
    return new Parcel(
        new ParcelId(Cargo.WEIGHTS, 0, number, Proof.SHA_256.digest(segments)), segments, () -> {});
  }

  /** Waits until something holds, at most as long as a test may take. */
  static void until(String what, BooleanSupplier holds) {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("within " + LONG + " this did not happen: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  void stop(DataPlane plane) {
    plane.close();
    open.remove(plane);
  }

  @Override
  public void close() {
    CloseHelper.quietCloseAll(open);
    org.agrona.IoUtil.delete(folder.toFile(), true);
  }
}
