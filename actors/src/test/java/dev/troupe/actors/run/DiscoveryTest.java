package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.cluster.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that find each other as they do where only names or labels of them are known. */
@Tag("slow")
class DiscoveryTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final List<String> HOSTS = List.of("127.0.0.1", "127.0.0.2", "127.0.0.3");
  private static final List<String> ROLES =
      List.of("supervisor", "learner", "generator,reward,reference");
  private static final String STAGES =
      """
      { name = sft, kind = sft, from = model, steps = 3, batch = 8 }
      { name = grpo, kind = grpo, from = sft, steps = 2, prompts = 2, group-size = 2 }
      """;

  @TempDir private Path directory;

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /** Runs with three nodes, each at an address of its own with the same management port. */
  private void meet(String way, String service, int port, Map<String, String> environment)
      throws Exception {
    Path alone = directory.resolve("embedded");
    SmallRuns.complete(SmallRuns.settings(alone, STAGES));
    Path recipe =
        Files.writeString(
            directory.resolve("small.conf"), SmallRuns.recipe(directory.resolve("x"), STAGES));
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe)) {
      environment.forEach(nodes::with);
      var members = new ArrayList<Nodes.Member>();
      for (int i = 0; i < HOSTS.size(); i++) {
        String management = HOSTS.get(i) + ":" + port;
        members.add(
            nodes.alone(
                "node-" + i,
                ROLES.get(i),
                HOSTS.get(i),
                "--management",
                management,
                "--bootstrap",
                way,
                "--service",
                service));
      }
      for (Nodes.Member member : members) {
        assertEquals(0, nodes.exit(member, PATIENCE), nodes::everythingOrNothing);
      }
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }

  @Test
  void byTheAddressesOfAName() throws Exception {
    var addresses = new ArrayList<InetAddress>();
    for (String host : HOSTS) {
      addresses.add(InetAddress.getByName(host));
    }
    String name = "troupe.example.test";
    try (var dns = new DnsStub(name, addresses)) {
      meet(
          "dns",
          name,
          freePort(),
          Map.of("JDK_JAVA_OPTIONS", "-Dakka.io.dns.async-dns.nameservers=" + dns.endpoint()));
    }
  }

  @Test
  void byTheLabelOfPods() throws Exception {
    var certificates = new Certificates(directory.resolve("certificates"));
    Path token = Files.writeString(directory.resolve("token"), "token-of-the-service-account");
    int port = freePort();
    try (var api =
        new KubernetesStub(
            certificates.node("api", "localhost"),
            "training",
            "troupe",
            Files.readString(token),
            HOSTS,
            port)) {
      String prefix = "-Dakka.discovery.kubernetes-api.";
      String options =
          String.join(
              " ",
              prefix + "api-ca-path=" + certificates.authority(),
              prefix + "api-token-path=" + token,
              prefix + "pod-namespace=training");
      meet(
          "kubernetes",
          "troupe",
          port,
          Map.of(
              "JDK_JAVA_OPTIONS",
              options,
              "KUBERNETES_SERVICE_HOST",
              "localhost",
              "KUBERNETES_SERVICE_PORT",
              "" + api.port()));
    }
  }
}
