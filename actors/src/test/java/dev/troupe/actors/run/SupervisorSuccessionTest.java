package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process of the supervisor stands still until the others have given it up, and wakes again.
 */
@Tag("slow")
class SupervisorSuccessionTest {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String GIVEN_UP = "The cluster has given this node up";
  private static final String STAGES =
      """
      { name = sft, kind = sft, from = model, steps = 3, batch = 8 }
      { name = grpo, kind = grpo, from = sft, steps = 60, prompts = 4, group-size = 4
        unit-prompts = 2, reference = sft, kl.coefficient = 0.01 }
      """;

  @TempDir private Path directory;

  private Path embedded() throws InterruptedException {
    Path alone = directory.resolve("embedded");
    SmallRuns.complete(SmallRuns.settings(alone, STAGES));
    return alone;
  }

  private Nodes nodes() throws Exception {
    Path recipe = directory.resolve("small.conf");
    Files.writeString(recipe, SmallRuns.recipe(directory.resolve("unused"), STAGES));
    return new Nodes(directory.resolve("cluster"), recipe);
  }

  private static List<Nodes.Member> company(Nodes nodes) throws Exception {
    return List.of(
        nodes.join("learner", "learner,reward"), nodes.join("generator", "generator,reference"));
  }

  private static boolean isLooking(Nodes.Member member) {
    try {
      return member.text().contains("Looking for it again");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anotherNodeTakesTheRunUpOnceTheFormerSupervisorHasLetItGo() throws Exception {
    Path alone = embedded();
    try (var nodes = nodes()) {
      Nodes.Member former = nodes.supervisor();
      List<Nodes.Member> others = company(nodes);
      Nodes.Member heir = nodes.join("heir", "supervisor");
      nodes.awaitStep(former, "grpo", 10, PATIENCE);

      former.freeze();
      // Frozen, it still holds the run directory, so that nobody else can lead.
      nodes.await(
          heir,
          "its turn",
          PATIENCE,
          () -> heir.says("The supervisor is to work here as soon as it can", "is in use by"));
      former.thaw();

      assertEquals(1, nodes.exit(former, PATIENCE), nodes::everythingOrNothing);
      assertTrue(former.text().contains(GIVEN_UP), former.text());
      assertEquals(0, nodes.exit(heir, PATIENCE), nodes::everythingOrNothing);
      for (Nodes.Member other : others) {
        assertEquals(0, nodes.exit(other, PATIENCE), nodes::everythingOrNothing);
      }
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }

  @Test
  void whereNobodyElseCanLeadItGoesOnWhenItWakes() throws Exception {
    Path alone = embedded();
    try (var nodes = nodes()) {
      Nodes.Member supervisor = nodes.supervisor();
      List<Nodes.Member> others = company(nodes);
      nodes.awaitStep(supervisor, "grpo", 10, PATIENCE);

      supervisor.freeze();
      for (Nodes.Member other : others) {
        nodes.await(other, "its search", PATIENCE, () -> isLooking(other));
      }
      supervisor.thaw();

      assertEquals(0, nodes.exit(supervisor, PATIENCE), nodes::everythingOrNothing);
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }
}
