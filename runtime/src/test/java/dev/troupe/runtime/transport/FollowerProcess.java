package dev.troupe.runtime.transport;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A node in a process of its own. Arguments: host, media driver's directory, the endpoint to follow
 * or "-", and the chunk after which it stops reading, 0 for none. It tells its endpoint, then
 * fetches what each line of its input names as {@code number digest endpoint}.
 */
final class FollowerProcess {
  private static final Duration LONG = Duration.ofSeconds(20);

  private FollowerProcess() {}

  public static void main(String[] arguments) throws IOException {
    int stopAfter = Integer.parseInt(arguments[3]);
    var chunks = new AtomicInteger();
    PlaneSettings settings =
        PlaneSettings.of(arguments[0], 0, Path.of(arguments[1]), Planes.SECRET);
    try (var plane =
            new DataPlane(
                settings,
                reader ->
                    (buffer, offset, length, header) -> {
                      reader.onFragment(buffer, offset, length, header);
                      if (buffer.getByte(offset + Chunk.KIND_AT) == Chunk.KIND
                          && chunks.incrementAndGet() == stopAfter) {
                        stop();
                      }
                    });
        var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      say(plane.place().endpoint());
      if (!arguments[2].equals("-")) {
        plane.follow(Place.parse(arguments[2]));
      }
      String order;
      while ((order = orders.readLine()) != null) {
        say(fetch(plane, order.split(" ", 3)));
      }
    }
  }

  private static String fetch(DataPlane plane, String[] order) {
    var id = new ParcelId(Cargo.WEIGHTS, 0, Long.parseLong(order[0]), order[1]);
    try (Landed landed = plane.fetch(id, List.of(Place.parse(order[2])), LONG, Proof.SHA_256)) {
      return "fetched " + landed.bytes().length();
    } catch (TransportException e) {
      return e.getMessage();
    }
  }

  /** Until the test kills this process. */
  private static void stop() {
    say("stopped");
    try {
      if (new CountDownLatch(1).await(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("nobody opens this gate");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
