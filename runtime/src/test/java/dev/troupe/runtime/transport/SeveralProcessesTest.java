package dev.troupe.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real processes, each with its media driver, and a real kill. */
@Timeout(90)
class SeveralProcessesTest {
  private static final int MIB = 1 << 20;

  private final Planes planes;
  private final List<Peer> peers = new ArrayList<>();

  SeveralProcessesTest() throws IOException {
    planes = new Planes();
  }

  /** Another process, which says lines and is told lines. */
  private final class Peer {
    final Process process;
    final BufferedWriter orders;
    final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    Peer(String host, String leader, int stopAfter) throws IOException {
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
              FollowerProcess.class.getName(),
              host,
              planes.directory(host).toString(),
              leader,
              Integer.toString(stopAfter)));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      orders = process.outputWriter(StandardCharsets.UTF_8);
      BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
      var ear = new Thread(() -> said.lines().forEach(lines::add), "ear-" + host);
      ear.setDaemon(true);
      ear.start();
      peers.add(this);
    }

    String next() throws InterruptedException {
      String line = lines.poll(Planes.LONG.toSeconds() * 2, TimeUnit.SECONDS);
      assertNotNull(line, "the other process says nothing");
      return line;
    }

    /** The next line that says where it can be reached; logs may come before. */
    Place place() throws InterruptedException {
      String line = next();
      while (!line.contains("#")) {
        line = next();
      }
      return Place.parse(line);
    }

    String order(ParcelId id, Place from) throws IOException, InterruptedException {
      orders.write(id.number() + " " + id.digest() + " " + from.endpoint() + "\n");
      orders.flush();
      return next();
    }
  }

  @AfterEach
  void close() {
    peers.forEach(peer -> peer.process.destroyForcibly());
    planes.close();
  }

  @Test
  void aReceiverKilledInTheMiddleOfACastStallsNobodyAndItsSuccessorCatchesUp() throws Exception {
    DataPlane leader = planes.start();
    String endpoint = Planes.remote(leader).endpoint();
    var survivor = new Peer("127.0.0.11", endpoint, 0);
    var victim = new Peer("127.0.0.12", endpoint, 20);
    Place survivorsPlace = survivor.place();
    Place victimsPlace = victim.place();
    Planes.until("both follow", () -> leader.followers() == 2);
    Parcel parcel = Planes.parcel(1, 48 * MIB);
    leader.offer(parcel);

    var report = leader.cast(parcel.id());
    assertEquals("stopped", victim.next());
    victim.process.destroyForcibly();
    assertTrue(victim.process.waitFor(10, TimeUnit.SECONDS));

    CastReport told = report.get(30, TimeUnit.SECONDS);
    assertEquals(List.of(survivorsPlace), told.delivered());
    assertEquals(List.of(victimsPlace), told.dropped());
    assertEquals("fetched " + 48 * MIB, survivor.order(parcel.id(), Place.parse(endpoint)));
    // In the dead one's place and in its directory.
    var successor = new Peer("127.0.0.12", "-", 0);
    successor.place();
    assertEquals("fetched " + 48 * MIB, successor.order(parcel.id(), Place.parse(endpoint)));
  }

  @Test
  void neighboursShareMemoryAcrossProcesses() throws Exception {
    DataPlane leader = planes.start();
    var neighbour = new Peer("127.0.0.13", "-", 0);
    neighbour.place();
    Parcel parcel = Planes.parcel(1, 8 * MIB);
    leader.offer(parcel);

    assertEquals("fetched " + 8 * MIB, neighbour.order(parcel.id(), leader.place()));
  }
}
