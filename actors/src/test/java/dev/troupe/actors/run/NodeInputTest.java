package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.cluster.NodeAddress;
import dev.troupe.actors.cluster.NodeSettings;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.settings.RunSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What a person can get wrong with nodes; each is said in a sentence, within seconds. */
class NodeInputTest {
  private static final String SFT =
      "{ name = sft, kind = sft, from = model, steps = 2, batch = 8 }";
  private static final String GRPO =
      "{ name = grpo, kind = grpo, from = model, steps = 2, prompts = 2, group-size = 2 }";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private NodeSettings node(Role role, int port, List<NodeAddress> seeds, int patienceSeconds) {
    return new NodeSettings(
        Set.of(role),
        new NodeAddress("127.0.0.1", port),
        0,
        directory.resolve("secret"),
        seeds,
        NodeSettings.Transport.TCP,
        NodeSettings.Detection.FAST,
        Duration.ofSeconds(patienceSeconds));
  }

  private RunSettings settings(String stages, String... overrides) {
    return SmallRuns.settings(directory.resolve("run"), stages, overrides);
  }

  private static ClusterNode start(RunSettings settings, NodeSettings node) {
    return ClusterNode.start(
        settings,
        node,
        new ClusterNode.Options("troupe node", opened -> {}, (run, epoch) -> {}),
        event -> {});
  }

  /** The sentence with which a node ends, be it refused or stopped. */
  private static String sentence(RunSettings settings, NodeSettings node) throws Exception {
    try (ClusterNode process = start(settings, node)) {
      Optional<RunOutcome> outcome = process.await(PATIENCE);
      assertTrue(outcome.isPresent(), "no end within " + PATIENCE);
      return ((RunOutcome.Stopped) outcome.get()).cause();
    } catch (RuntimeException e) {
      assertTrue(Failure.isUsage(e), e::toString);
      return Failure.sentence(e);
    }
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void nobodyAtTheSeedNode() throws Exception {
    var seed = new NodeAddress("127.0.0.1", freePort());

    String sentence = sentence(settings(SFT), node(Role.LEARNER, 0, List.of(seed), 3));

    assertEquals(
        "No node of a cluster answers at %s within 3 s; start the supervisor there first, or give the address of a running node with --seed-nodes."
            .formatted(seed),
        sentence);
  }

  @ParameterizedTest
  @EnumSource(value = NodeSettings.Transport.class, names = "TLS_TCP", mode = Mode.EXCLUDE)
  void aPortInUse(NodeSettings.Transport transport) throws Exception {
    var any = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
    try (ServerSocket tcp = new ServerSocket(0, 1, any.getAddress());
        DatagramChannel udp = DatagramChannel.open().bind(any)) {
      int port =
          transport == NodeSettings.Transport.TCP
              ? tcp.getLocalPort()
              : ((InetSocketAddress) udp.getLocalAddress()).getPort();
      NodeSettings tcpNode = node(Role.SUPERVISOR, port, List.of(), 3);
      var node =
          new NodeSettings(
              tcpNode.roles(),
              tcpNode.address(),
              0,
              tcpNode.secret(),
              List.of(),
              transport,
              tcpNode.detection(),
              tcpNode.patience());

      assertEquals(
          "Port %d of 127.0.0.1 is in use; choose another with --port, or end the program that has it."
              .formatted(port),
          sentence(settings(SFT), node));
    }
  }

  @Test
  void anAddressOfAnotherMachine() throws Exception {
    // 192.0.2.0/24 is for documentation; no machine has it.
    var node =
        new NodeSettings(
            Set.of(Role.SUPERVISOR),
            new NodeAddress("192.0.2.7", 25520),
            0,
            directory.resolve("secret"),
            List.of(),
            NodeSettings.Transport.TCP,
            NodeSettings.Detection.FAST,
            PATIENCE);

    assertEquals(
        "192.0.2.7 is no address of this machine; give one that is with --host.",
        sentence(settings(SFT), node));
  }

  @Test
  void aSeedNodeToWhichThereIsNoRoute() throws Exception {
    // Packets from a loopback address go nowhere else, whatever the routes of this machine are.
    var seed = new NodeAddress("192.0.2.7", 25520);

    String sentence = sentence(settings(SFT), node(Role.LEARNER, 0, List.of(seed), 3));

    assertTrue(
        sentence.startsWith("There is no route from 127.0.0.1 to the seed node 192.0.2.7:25520"),
        sentence);
    assertTrue(sentence.contains("--host"), sentence);
  }

  @Test
  void aSeedNodeWithAnUnknownName() throws Exception {
    // RFC 2606 keeps this domain free.
    var seed = new NodeAddress("nowhere.invalid", 25520);

    assertEquals(
        "The host name nowhere.invalid of the seed node nowhere.invalid:25520 is not known here; check --seed-nodes, or give its address.",
        sentence(settings(SFT), node(Role.LEARNER, 0, List.of(seed), 3)));
  }

  @Test
  void nobodyPlaysANeededRole() throws Exception {
    String sentence = sentence(settings(GRPO), node(Role.SUPERVISOR, 0, List.of(), 3));

    assertTrue(sentence.contains("a node that plays the role "), sentence);
    assertFalse(Files.exists(directory.resolve("run").resolve("checkpoints")));
  }

  @Test
  void anotherRecipe() throws Exception {
    NodeSettings first = node(Role.SUPERVISOR, freePort(), List.of(), 60);
    try (ClusterNode supervisor = start(settings(SFT), first)) {
      String sentence =
          sentence(
              settings(SFT, "stages.sft.steps=3"),
              node(Role.LEARNER, 0, List.of(first.address()), 60));

      assertTrue(sentence.contains("has other settings than the supervisor:"), sentence);
      assertTrue(sentence.contains("stages.sft.steps = 3"), sentence);
      assertTrue(sentence.contains("against 2"), sentence);
      assertTrue(supervisor.await(Duration.ZERO).isEmpty());
    }
  }

  @Test
  void anotherSecret() throws Exception {
    NodeSettings first = node(Role.SUPERVISOR, freePort(), List.of(), 60);
    NodeSettings other = node(Role.LEARNER, 0, List.of(first.address()), 60);
    Path secret =
        Files.writeString(directory.resolve("other-secret"), "0123456789abcdef0123456789abcdef");
    var stranger =
        new NodeSettings(
            other.roles(),
            other.address(),
            0,
            secret,
            other.seeds(),
            other.transport(),
            other.detection(),
            other.patience());
    try (ClusterNode supervisor = start(settings(SFT), first)) {
      String sentence = sentence(settings(SFT), stranger);

      assertTrue(sentence.contains("has another secret than the supervisor"), sentence);
      assertTrue(supervisor.await(Duration.ZERO).isEmpty());
    }
  }
}
