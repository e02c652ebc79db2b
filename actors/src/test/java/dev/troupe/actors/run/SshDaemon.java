package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real {@code sshd} at some loopback addresses, with keys of its own that nothing else knows. */
final class SshDaemon implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/sshd");

  /** Where a daemon of root keeps the children that have no rights; made by its service elsewhere. */
  private static final Path SEPARATION = Path.of("/run/sshd");

  private static final long PATIENCE_S = 20;
  private static final long GLANCE_MS = 50;

  private final Path directory;
  private final int port;
  private final Process process;

  SshDaemon(Path directory, List<String> hosts) throws IOException, InterruptedException {
    this.directory = Files.createDirectories(directory);
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName(hosts.get(0)))) {
      this.port = socket.getLocalPort();
    }
    if (System.getProperty("user.name").equals("root")) {
      Files.createDirectories(SEPARATION);
    }
    keygen("host");
    keygen("user");
    var lines = new ArrayList<String>();
    hosts.forEach(host -> lines.add("ListenAddress " + host + ":" + port));
    lines.add("HostKey " + directory.resolve("host"));
    lines.add("AuthorizedKeysFile " + directory.resolve("user.pub"));
    lines.add("PidFile none");
    lines.add("UsePAM no");
    lines.add("StrictModes no");
    lines.add("PasswordAuthentication no");
    lines.add("KbdInteractiveAuthentication no");
    lines.add("PermitRootLogin prohibit-password");
    Path settings = Files.write(directory.resolve("sshd.conf"), lines);
    this.process =
        new ProcessBuilder(PROGRAM.toString(), "-D", "-e", "-f", settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("sshd.out").toFile())
            .start();
    for (String host : hosts) {
      awaitAnswer(host);
    }
  }

  /** Why there can be none here, if so. */
  static Optional<String> obstacle() {
    for (String program : List.of(PROGRAM.toString(), "/usr/bin/ssh", "/usr/bin/ssh-keygen")) {
      if (!Files.isExecutable(Path.of(program))) {
        return Optional.of("there is no " + program + " here");
      }
    }
    return Optional.empty();
  }

  /** The command that reaches it. */
  String client() {
    return String.join(
        " ",
        "ssh -o BatchMode=yes -o IdentitiesOnly=yes -o LogLevel=ERROR",
        "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
        "-F none -i " + directory.resolve("user") + " -p " + port);
  }

  private void keygen(String name) throws IOException, InterruptedException {
    Path file = directory.resolve(name);
    Process made =
        new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString())
            .inheritIO()
            .start();
    assertTrue(made.waitFor(PATIENCE_S, TimeUnit.SECONDS), "ssh-keygen does not end");
    assertEquals(0, made.exitValue(), "ssh-keygen");
  }

  private void awaitAnswer(String host) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
    while (true) {
      try (var socket = new Socket(host, port)) {
        assertTrue(socket.isConnected());
        return;
      } catch (IOException e) {
        boolean hasEnded = process.waitFor(GLANCE_MS, TimeUnit.MILLISECONDS);
        assertTrue(!hasEnded && System.nanoTime() < deadline, this::said);
      }
    }
  }

  private String said() {
    try {
      return "sshd does not answer: " + Files.readString(directory.resolve("sshd.out"));
    } catch (IOException e) {
      return "sshd does not answer, and its words cannot be read: " + e;
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
