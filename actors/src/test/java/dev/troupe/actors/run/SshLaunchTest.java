package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.actors.cli.Main;
import java.io.File;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cluster-config/launch/ssh.sh}, to machines that are addresses of this one. */
@Tag("slow")
class SshLaunchTest {
  private static final long PATIENCE_S = 240;
  private static final String STAGES =
      """
      { name = sft, kind = sft, from = model, steps = 3, batch = 8 }
      { name = grpo, kind = grpo, from = sft, steps = 3, prompts = 4, group-size = 4
        unit-prompts = 2, reference = sft, kl.coefficient = 0.01 }
      """;

  @TempDir private Path directory;

  /** A checkout as the far machines see it: its launcher runs the classes of this test. */
  private Path checkout() throws IOException {
    Path root = Files.createDirectories(directory.resolve("checkout"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path launcher =
        Files.writeString(
            root.resolve("troupe"),
            """
            #!/bin/sh
            export OMP_WAIT_POLICY=PASSIVE
            exec "%s" --add-opens java.base/jdk.internal.misc=ALL-UNNAMED \\
              --add-opens java.base/sun.nio.ch=ALL-UNNAMED -Xmx256m -XX:TieredStopAtLevel=1 \\
              -Dai.djl.offline=true -cp "%s" %s "$@"
            """
                .formatted(java, Nodes.ownClasspath(), Main.class.getName()));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    return root;
  }

  private static int freePort() throws IOException {
    try (var socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.2"))) {
      return socket.getLocalPort();
    }
  }

  private String said(Path folder) throws IOException {
    var text = new StringBuilder();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(it -> it.toString().endsWith(".out")).toList()) {
        text.append("\n--- ").append(file.getFileName()).append(": ");
        text.append(Files.readString(file));
      }
    }
    return text.toString();
  }

  @Test
  void machinesThatAreReachedBySshEndWithTheWeightsOfOneProcess() throws Exception {
    Optional<String> obstacle = SshDaemon.obstacle();
    assumeTrue(obstacle.isEmpty(), () -> "skipped: " + obstacle.get());
    Path alone = directory.resolve("embedded");
    SmallRuns.complete(SmallRuns.settings(alone, STAGES));
    Path run = directory.resolve("run");
    Path recipe =
        Files.writeString(directory.resolve("small.conf"), SmallRuns.recipe(run, STAGES));
    Path hosts =
        Files.write(
            directory.resolve("hosts.txt"),
            List.of(
                "# address roles options",
                "127.0.0.2 supervisor,learner",
                "127.0.0.3 generator --threads 1",
                "127.0.0.4 reward,reference"));
    Path root = Path.of(System.getProperty("troupe.root"));
    var command = new ArrayList<String>();
    command.add(root.resolve("cluster-config/launch/ssh.sh").toString());
    command.addAll(List.of(hosts.toString(), recipe.toString()));
    Path words = Files.createDirectories(directory.resolve("words"));
    try (var daemon =
        new SshDaemon(
            directory.resolve("sshd"), List.of("127.0.0.2", "127.0.0.3", "127.0.0.4"))) {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectInput(new File("/dev/null"));
      builder.redirectOutput(words.resolve("supervisor.out").toFile());
      builder.environment().put("SSH", daemon.client());
      builder.environment().put("TROUPE_ROOT", checkout().toString());
      builder.environment().put("PORT", "" + freePort());
      builder.environment().put("NODE_OUTPUT", words.toString());
      builder.environment().put("NODE_OPTIONS", "--detection fast");
      Process script = builder.start();
      try {
        assertTrue(script.waitFor(PATIENCE_S, TimeUnit.SECONDS), "the script does not end");
        assertEquals(0, script.exitValue(), said(words));
      } finally {
        script.destroy();
      }
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(run, "grpo"), said(words));
    }
  }
}
