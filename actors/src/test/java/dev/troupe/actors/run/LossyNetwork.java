package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Machines that are none: network namespaces of this one, each with one interface, joined by a
 * network that loses packets, delays them and can be parted. It is a TUN device in each namespace
 * and threads here that carry packets between them, for not every kernel has {@code netem}; and
 * what it loses is chosen by a seed. Needs root and Linux.
 */
final class LossyNetwork implements AutoCloseable {
  private static final int O_RDWR = 2;

  /** From linux/if_tun.h: TUNSETIFF, and packets of IP without a header of the device. */
  private static final long TUNSETIFF = 0x400454caL;

  private static final short IFF_TUN_NO_PI = 0x1001;
  private static final int IFNAMSIZ = 16;
  private static final int IFREQ_BYTES = 40;
  private static final int MTU = 1500;
  private static final int IP_DESTINATION = 16;

  /** As many packets as a network of this delay holds; more are lost, as in a router. */
  private static final int QUEUE = 4096;

  /** The part of libc that it takes. */
  interface C extends Library {
    int open(String path, int flags);

    int ioctl(int file, NativeLong request, Pointer argument);

    NativeLong read(int file, byte[] buffer, NativeLong count);

    NativeLong write(int file, byte[] buffer, NativeLong count);

    int close(int file);
  }

  private record Packet(byte[] bytes, int target, long dueNs) {}

  private static final C LIBC = Native.load("c", C.class);

  private final String prefix;
  private final double loss;
  private final long delayNs;
  private final List<Integer> files = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final BlockingQueue<Packet> wire = new LinkedBlockingQueue<>(QUEUE);
  private final AtomicLong lost = new AtomicLong();
  private volatile Set<Integer> parted = Set.of();
  private volatile boolean isOpen = true;

  /**
   * @param machines how many
   * @param loss share of packets that are lost
   * @param delayMs of each packet, one way
   */
  LossyNetwork(int machines, double loss, long delayMs) throws IOException, InterruptedException {
    this.prefix = "troupe" + ProcessHandle.current().pid() % 10_000 + "-";
    this.loss = loss;
    this.delayNs = TimeUnit.MILLISECONDS.toNanos(delayMs);
    try {
      for (int i = 0; i < machines; i++) {
        connect(i);
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      close();
      throw e;
    }
    carry("network", this::deliver);
  }

  /** Why there can be none here, if so. */
  static Optional<String> obstacle() {
    if (!Files.isWritable(Path.of("/dev/net/tun"))) {
      return Optional.of("there is no /dev/net/tun that this user may open");
    }
    String probe = "troupe-probe-" + ProcessHandle.current().pid();
    try {
      if (exit("ip", "netns", "add", probe) != 0) {
        return Optional.of("network namespaces cannot be made here");
      }
      // A node gets a /dev/shm of its own, too: shared memory would go around the network.
      int mounted = exit("ip", "netns", "exec", probe, "mount", "-t", "tmpfs", "none", "/dev/shm");
      exit("ip", "netns", "del", probe);
      return mounted == 0 ? Optional.empty() : Optional.of("/dev/shm cannot be mounted here");
    } catch (IOException e) {
      return Optional.of("there is no ip of iproute2 here");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("the probe was interrupted");
    }
  }

  /** The address of a machine, counted from 0. */
  String host(int machine) {
    return "10.231.77." + (machine + 1);
  }

  /** What starts a process on a machine. */
  List<String> place(int machine) {
    return List.of(
        "ip",
        "netns",
        "exec",
        prefix + machine,
        "sh",
        "-c",
        "mount -t tmpfs none /dev/shm && exec \"$@\"",
        "sh");
  }

  /** From now on these machines and the others do not hear each other; none: all do. */
  void part(Integer... machines) {
    parted = Set.of(machines);
  }

  /** How many packets were lost by chance. */
  long lost() {
    return lost.get();
  }

  private void connect(int machine) throws IOException, InterruptedException {
    String namespace = prefix + machine;
    run("ip", "netns", "add", namespace);
    int file = LIBC.open("/dev/net/tun", O_RDWR);
    assertTrue(file >= 0, "/dev/net/tun cannot be opened");
    files.add(file);
    try (var request = new Memory(IFREQ_BYTES)) {
      request.clear();
      request.setString(0, namespace);
      request.setShort(IFNAMSIZ, IFF_TUN_NO_PI);
      assertEquals(0, LIBC.ioctl(file, new NativeLong(TUNSETIFF), request), "TUNSETIFF");
    }
    run("ip", "link", "set", namespace, "netns", namespace);
    run("ip", "-n", namespace, "addr", "add", host(machine) + "/24", "dev", namespace);
    run("ip", "-n", namespace, "link", "set", namespace, "mtu", "" + MTU, "up");
    run("ip", "-n", namespace, "link", "set", "lo", "up");
    carry(namespace, () -> listen(machine, file, new SplittableRandom(machine)));
  }

  private void listen(int machine, int file, SplittableRandom chance) {
    var buffer = new byte[2 * MTU];
    while (isOpen) {
      int length = LIBC.read(file, buffer, new NativeLong(buffer.length)).intValue();
      if (length <= IP_DESTINATION + 3 || buffer[0] >> 4 != 4) {
        continue; // Of IPv6 there is none.
      }
      int target = (buffer[IP_DESTINATION + 3] & 0xff) - 1;
      boolean isApart = parted.contains(machine) != parted.contains(target);
      if (target < 0 || target >= files.size() || isApart) {
        continue;
      }
      if (chance.nextDouble() < loss) {
        lost.incrementAndGet();
        continue;
      }
      var packet = new Packet(Arrays.copyOf(buffer, length), target, System.nanoTime() + delayNs);
      if (!wire.offer(packet)) {
        lost.incrementAndGet();
      }
    }
  }

  /** All packets are delayed alike, so they keep their order. */
  private void deliver() {
    while (isOpen) {
      try {
        Packet packet = wire.poll(1, TimeUnit.SECONDS);
        if (packet == null) {
          continue;
        }
        long wait = packet.dueNs() - System.nanoTime();
        while (wait > 0) {
          LockSupport.parkNanos(wait);
          wait = packet.dueNs() - System.nanoTime();
        }
        LIBC.write(
            files.get(packet.target()), packet.bytes(), new NativeLong(packet.bytes().length));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void carry(String name, Runnable work) {
    var thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    threads.add(thread);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertEquals(0, exit(command), String.join(" ", command));
  }

  private static int exit(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), String.join(" ", command));
    return process.exitValue();
  }

  @Override
  public void close() throws IOException {
    isOpen = false;
    threads.forEach(Thread::interrupt);
    try {
      for (int machine = 0; machine < files.size(); machine++) {
        // A device that is gone wakes who reads from it.
        exit("ip", "-n", prefix + machine, "link", "del", prefix + machine);
        exit("ip", "netns", "del", prefix + machine);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    files.forEach(LIBC::close);
  }
}
