package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are told no seed node find each other over HTTP, and say how they are. */
class BootstrapTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final int NOBODY = -1;
  private static final String STAGES =
      """
      { name = sft, kind = sft, from = model, steps = 3, batch = 8 }
      { name = grpo, kind = grpo, from = sft, steps = 2, prompts = 2, group-size = 2 }
      """;

  @TempDir private Path directory;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build();

  /** The status with which a management port answers. */
  private int status(String endpoint, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + endpoint + path)).timeout(ANSWER).build();
    try {
      return client.send(request, BodyHandlers.ofString()).statusCode();
    } catch (IOException e) {
      return NOBODY;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String endpoint(String host) throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return host + ":" + socket.getLocalPort();
    }
  }

  @Test
  void nodesWithoutSeedNodesMeetAndTellTheirHealth() throws Exception {
    Path alone = directory.resolve("embedded");
    SmallRuns.complete(SmallRuns.settings(alone, STAGES));
    Path recipe =
        Files.writeString(
            directory.resolve("small.conf"), SmallRuns.recipe(directory.resolve("x"), STAGES));
    String first = endpoint("127.0.0.1");
    String second = endpoint("127.0.0.2");
    String contacts = first + "," + second;
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe)) {
      // It may not found a cluster, so it is alive and not ready.
      Nodes.Member learner =
          nodes.alone(
              "learner", "learner", "127.0.0.2", "--management", second, "--bootstrap", contacts);
      nodes.await(learner, "life", PATIENCE, () -> status(second, "/alive") == 200);
      assertEquals(500, status(second, "/ready"));
      assertEquals(404, status(second, "/cluster/members"));

      Nodes.Member supervisor =
          nodes.alone(
              "supervisor",
              "supervisor",
              "127.0.0.1",
              "--port",
              "" + nodes.port(),
              "--management",
              first,
              "--bootstrap",
              contacts);
      nodes.await(learner, "readiness", PATIENCE, () -> status(second, "/ready") == 200);
      assertEquals(200, status(first, "/ready"));

      // The run begins with the last of them, which needs no port of its own to ask the others.
      Nodes.Member generator =
          nodes.alone(
              "generator",
              "generator,reward,reference",
              "127.0.0.3",
              "--management",
              endpoint("127.0.0.3"),
              "--bootstrap",
              contacts);
      for (Nodes.Member member : new Nodes.Member[] {supervisor, learner, generator}) {
        nodes.assertDone(member, PATIENCE);
      }
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }

  @Test
  void aNodeThatFindsNoClusterSaysWhereItLooked() throws Exception {
    Path recipe =
        Files.writeString(
            directory.resolve("small.conf"), SmallRuns.recipe(directory.resolve("x"), STAGES));
    String own = endpoint("127.0.0.2");
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe)) {
      Nodes.Member learner =
          nodes.alone(
              "learner",
              "learner",
              "127.0.0.2",
              "--management",
              own,
              "--bootstrap",
              own,
              "--patience",
              "4");

      assertEquals(2, nodes.exit(learner, PATIENCE), nodes::everythingOrNothing);
      assertEquals(
          "No cluster was found within 4 s by way of %s; start the supervisor, whose node founds it, and see that each can reach the management port of the other.\n"
              .formatted(own),
          learner.text());
    }
  }

  @Test
  void aManagementPortInUse() throws Exception {
    Path recipe =
        Files.writeString(
            directory.resolve("small.conf"), SmallRuns.recipe(directory.resolve("x"), STAGES));
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe);
        var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = "" + taken.getLocalPort();
      Nodes.Member supervisor = nodes.supervisor("--management", port);

      assertEquals(2, nodes.exit(supervisor, PATIENCE), nodes::everythingOrNothing);
      assertEquals(
          "Port %s of 127.0.0.1 is in use; choose another with --management, or end the program that has it.\n"
              .formatted(port),
          supervisor.text());
    }
  }
}
