package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scripts see of a node that cannot take part: a sentence and an exit code. */
@Tag("slow")
class NodeExitTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String STAGES =
      "{ name = sft, kind = sft, from = model, steps = %d, batch = 8 }";

  @TempDir private Path directory;

  private Path recipe(int steps) throws IOException {
    String text = SmallRuns.recipe(directory.resolve("x"), STAGES.formatted(steps));
    return Files.writeString(directory.resolve(steps + ".conf"), text);
  }

  private static String sentence(Nodes nodes, Nodes.Member member) throws Exception {
    assertEquals(2, nodes.exit(member, PATIENCE), nodes::everythingOrNothing);
    return member.text();
  }

  private static void assertOneLine(String expected, String said) {
    assertTrue(said.startsWith(expected), said);
    assertEquals(1, said.lines().count(), said);
  }

  private static int freePort() throws IOException {
    try (var socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  @Test
  void whoeverCannotTakePartSaysWhyAndEndsWithTwo() throws Exception {
    try (var nodes = new Nodes(directory.resolve("first"), recipe(3));
        var others = new Nodes(directory.resolve("second"), recipe(4))) {
      Nodes.Member supervisor = nodes.supervisor("--patience", "120");
      nodes.await(supervisor, "its start", PATIENCE, () -> supervisor.says("to [Up]"));
      String nobody = "127.0.0.1:" + freePort();

      Nodes.Member lost =
          nodes.alone("lost", "learner", "127.0.0.7", "--seed-nodes", nobody, "--patience", "5");
      Nodes.Member far =
          nodes.alone("far", "learner", "127.0.0.8", "--seed-nodes", "192.0.2.7:25520");
      Nodes.Member second =
          nodes.alone("second", "supervisor", "127.0.0.1", "--port", "" + nodes.port());
      Nodes.Member other =
          others.alone(
              "other", "learner", "127.0.0.9", "--seed-nodes", "127.0.0.1:" + nodes.port());

      assertOneLine("No node of a cluster answers at " + nobody, sentence(nodes, lost));
      assertOneLine(
          "There is no route from 127.0.0.8 to the seed node 192.0.2.7:25520",
          sentence(nodes, far));
      assertOneLine(
          "Port %d of 127.0.0.1 is in use".formatted(nodes.port()), sentence(nodes, second));
      String recipes = sentence(others, other);
      assertTrue(recipes.contains("has other settings than the supervisor"), recipes);
      assertTrue(recipes.contains("stages.sft.steps = 4"), recipes);
      assertTrue(supervisor.process().isAlive(), "the run goes on");
    }
  }

  @Test
  void aRunForWhichSomebodyIsMissingStopsWithOne() throws Exception {
    try (var nodes = new Nodes(directory.resolve("alone"), recipe(3))) {
      Nodes.Member supervisor = nodes.supervisor("--patience", "5");

      assertEquals(1, nodes.exit(supervisor, PATIENCE), nodes::everythingOrNothing);
      assertTrue(
          supervisor.text().contains("for a node that plays the role learner"), supervisor.text());
    }
  }
}
