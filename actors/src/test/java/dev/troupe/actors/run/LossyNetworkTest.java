package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same run over a network that loses one packet in a hundred and takes 20 ms for the rest. */
@Tag("slow")
class LossyNetworkTest {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final double LOSS = 0.01;
  private static final long DELAY_MS = 20;
  private static final Duration PARTITION = Duration.ofSeconds(5);
  private static final int PARTED_AFTER = 10;
  private static final String STAGES =
      """
      { name = sft, kind = sft, from = model, steps = 3, batch = 8 }
      { name = grpo, kind = grpo, from = sft, steps = 40, prompts = 4, group-size = 4
        unit-prompts = 1, staleness = 1, reference = sft, kl.coefficient = 0.01 }
      """;

  @TempDir private Path directory;

  @BeforeEach
  void needsNamespaces() {
    LossyNetwork.obstacle()
        .ifPresent(obstacle -> assumeTrue(false, "LossyNetworkTest is skipped: " + obstacle));
  }

  @Test
  void lossDelayAndAPartitionInTheMiddleChangeNothing() throws Exception {
    Path alone = directory.resolve("embedded");
    SmallRuns.complete(SmallRuns.settings(alone, STAGES));
    Path recipe =
        Files.writeString(
            directory.resolve("small.conf"), SmallRuns.recipe(directory.resolve("x"), STAGES));
    String secret = directory.resolve("secret").toString();
    try (var network = new LossyNetwork(3, LOSS, DELAY_MS);
        var nodes = new Nodes(directory.resolve("cluster"), recipe)) {
      String seed = network.host(0) + ":25520";
      Nodes.Member head =
          nodes.within(
              network.place(0), "head", "supervisor,learner", network.host(0), "--secret", secret);
      Nodes.Member scorer =
          nodes.within(
              network.place(1),
              "scorer",
              "reward,reference",
              network.host(1),
              "--seed-nodes",
              seed,
              "--secret",
              secret);
      Nodes.Member generator =
          nodes.within(
              network.place(2),
              "generator",
              "generator",
              network.host(2),
              "--seed-nodes",
              seed,
              "--secret",
              secret);

      nodes.awaitStep(head, "grpo", PARTED_AFTER, PATIENCE);
      network.part(2);
      long healed = System.nanoTime() + PARTITION.toNanos();
      nodes.await(head, "the end of the partition", PATIENCE, () -> System.nanoTime() >= healed);
      network.part();

      for (Nodes.Member member : List.of(head, scorer, generator)) {
        nodes.assertDone(member, PATIENCE);
      }
      assertTrue(head.says("UNREACHABLE"), "the partition was noticed");
      assertTrue(network.lost() > 0, "packets were lost");
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }
}
