package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.troupe.actors.cli.Main;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.record.MetricsLog;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The processes of a cluster on this machine, each at a loopback address of its own. */
final class Nodes implements AutoCloseable {
  private static final Duration GLANCE = Duration.ofMillis(100);

  private final Path directory;
  private final Path recipe;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private String classpath = ownClasspath();
  private final int port;
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private int hosts;

  /** A process that takes part. */
  record Member(String name, String host, Process process, Path output, Path log) {
    /** Ends it as a crash would. */
    void kill() {
      process.destroyForcibly();
    }

    /** Stops its clock; it does not even notice. */
    void freeze() throws IOException, InterruptedException {
      signal("-STOP");
    }

    /** Lets it go on. */
    void thaw() throws IOException, InterruptedException {
      signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
      Process kill = new ProcessBuilder("kill", signal, "" + process.pid()).inheritIO().start();
      assertTrue(kill.waitFor(10, TimeUnit.SECONDS) && kill.exitValue() == 0, "kill " + signal);
    }

    /** What it has printed, without what a newer virtual machine says of libraries. */
    String text() throws IOException {
      return Files.readString(output).replaceAll("(?m)^WARNING: .*\\R", "").stripLeading();
    }

    /** Whether a line of its log has all these words. */
    boolean says(String... words) {
      try (Stream<String> lines = Files.lines(log)) {
        return lines.anyMatch(line -> Stream.of(words).allMatch(line::contains));
      } catch (IOException e) {
        return false; // It has not begun to write.
      }
    }
  }

  Nodes(Path directory, Path recipe) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.recipe = recipe;
    try (DatagramChannel any =
        DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0))) {
      this.port = ((InetSocketAddress) any.getLocalAddress()).getPort();
    }
  }

  /** The class path of the tests. */
  static String ownClasspath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** The same, whose next members run other classes. */
  Nodes with(String other) {
    classpath = other;
    return this;
  }

  /** The same, whose next members find this in their environment. */
  Nodes with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Member supervisor(String... more) throws IOException {
    var arguments = new ArrayList<>(List.of("--port", "" + port));
    arguments.addAll(List.of(more));
    return start("supervisor", "supervisor", "127.0.0.1", arguments);
  }

  /** Starts a node with these roles at an address of its own. */
  Member join(String name, String roles, String... more) throws IOException {
    var arguments = new ArrayList<>(List.of("--seed-nodes", "127.0.0.1:" + port));
    arguments.addAll(List.of(more));
    return start(name, roles, "127.0.0." + (2 + hosts++), arguments);
  }

  /** Starts a node that finds the others as its arguments say. */
  Member alone(String name, String roles, String host, String... more) throws IOException {
    return start(name, roles, host, List.of(more));
  }

  /** Starts a node with a command before its own, such as one that enters another network. */
  Member within(List<String> place, String name, String roles, String host, String... more)
      throws IOException {
    return start(place, name, roles, host, List.of(more));
  }

  /** Port of the supervisor. */
  int port() {
    return port;
  }

  private Member start(String name, String roles, String host, List<String> more)
      throws IOException {
    return start(List.of(), name, roles, host, more);
  }

  private Member start(
      List<String> place, String name, String roles, String host, List<String> more)
      throws IOException {
    var command = new ArrayList<>(place);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED"));
    command.addAll(List.of("--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED"));
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true"));
    command.addAll(List.of("-cp", classpath, Main.class.getName()));
    command.addAll(List.of("node", "--roles", roles, "--host", host, "--detection", "fast"));
    command.addAll(List.of("--log", directory.resolve(name + ".log").toString()));
    command.addAll(more);
    command.add(recipe.toString());
    command.add("directory=" + directory.resolve("run"));
    Path output = directory.resolve(name + ".out");
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(output.toFile()).redirectInput(new File("/dev/null"));
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    builder.environment().put("OPT_OUT_TRACKING", "true");
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.put(name, process);
    return new Member(name, host, process, output, directory.resolve(name + ".log"));
  }

  Path run() {
    return directory.resolve("run");
  }

  /** Waits until so many steps of a stage are recorded. */
  void awaitStep(Member supervisor, String stage, long step, Duration patience)
      throws InterruptedException, IOException {
    Path metrics = run().resolve("metrics.jsonl");
    await(
        supervisor,
        "step " + step + " of " + stage,
        patience,
        () ->
            Files.exists(metrics)
                && MetricsLog.read(metrics).stream()
                    .anyMatch(it -> it.stage().equals(stage) && it.step() >= step));
  }

  /** Waits until something is the case, while a process goes on. */
  void await(Member member, String what, Duration patience, BooleanSupplier condition)
      throws InterruptedException, IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (member.process().waitFor(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
        fail(member.name() + " ended before " + what + ": " + everything());
      }
      if (System.nanoTime() > deadline) {
        fail("no " + what + " within " + patience + ": " + everything());
      }
    }
  }

  /** The exit code of a process that ends within that time. */
  int exit(Member member, Duration patience) throws InterruptedException, IOException {
    if (!member.process().waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      fail(member.name() + " does not end within " + patience + ": " + everything());
    }
    return member.process().exitValue();
  }

  /** Waits until a process has ended as one does whose run is done. */
  void assertDone(Member member, Duration patience) throws InterruptedException, IOException {
    assertEquals(0, exit(member, patience), this::everythingOrNothing);
  }

  /** The same of each of them. */
  void assertDone(List<Member> members, Duration patience)
      throws InterruptedException, IOException {
    for (Member member : members) {
      assertDone(member, patience);
    }
  }

  /** What all processes said. */
  String everything() throws IOException {
    var text = new StringBuilder();
    for (String name : processes.keySet()) {
      Path output = directory.resolve(name + ".out");
      text.append("\n--- ").append(name).append(": ").append(Files.readString(output));
    }
    return text.toString();
  }

  /** The same for messages of assertions. */
  String everythingOrNothing() {
    try {
      return everything();
    } catch (IOException e) {
      return "their output cannot be read: " + e;
    }
  }

  /** SHA-256 of the weights that a stage ended with, in its last checkpoint. */
  static String digest(Path run, String stage) throws IOException {
    Path last =
        new CheckpointStore(run.resolve("checkpoints").resolve(stage))
            .latest()
            .orElseThrow()
            .directory();
    try {
      byte[] weights = Files.readAllBytes(last.resolve("model.safetensors"));
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(weights));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    processes.values().forEach(Process::destroyForcibly);
  }
}
