package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Learners in processes of their own that train each step together. */
class LearnersRunTest {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private static final String STAGES =
      """
      { name = sft, kind = sft, from = model, steps = 5, batch = 8 }
      { name = ppo, kind = ppo, from = sft, steps = %d, prompts = 4, group-size = 2
        unit-prompts = 2, reference = sft, critic { learning-rate = 1e-2 } }
      """;

  @TempDir private Path directory;

  private Path embedded(String stages) throws InterruptedException {
    Path run = directory.resolve("embedded");
    assertInstanceOf(RunOutcome.Completed.class, SmallRuns.run(SmallRuns.settings(run, stages), 1));
    return run;
  }

  private Nodes cluster(String stages, int learners) throws IOException {
    String text = SmallRuns.recipe(directory.resolve("unused"), stages);
    Path recipe =
        Files.writeString(directory.resolve("small.conf"), text + "learners = " + learners);
    return new Nodes(directory.resolve("cluster"), recipe);
  }

  private static List<Nodes.Member> learners(Nodes nodes, int count) throws IOException {
    var learners = new ArrayList<Nodes.Member>();
    for (int i = 1; i <= count; i++) {
      learners.add(nodes.join("learner-" + i, "learner"));
    }
    return learners;
  }

  private static void assertSame(Path alone, Nodes nodes) throws IOException {
    for (String stage : List.of("sft", "ppo")) {
      assertEquals(Nodes.digest(alone, stage), Nodes.digest(nodes.run(), stage), stage);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void anyNumberOfLearnersEndsWithTheWeightsOfOneProcess(int count) throws Exception {
    String stages = STAGES.formatted(6);
    Path alone = embedded(stages);
    try (Nodes nodes = cluster(stages, count)) {
      Nodes.Member supervisor = nodes.supervisor();
      nodes.join("others", "generator,reward,reference");
      List<Nodes.Member> learners = learners(nodes, count);

      nodes.assertDone(supervisor, PATIENCE);
      nodes.assertDone(learners, PATIENCE);
      assertSame(alone, nodes);
      assertEquals(
          count - 1, learners.stream().filter(it -> it.says("is learner", "in stage ppo")).count());
      assertEquals(losses(alone), losses(nodes.run()));
    }
  }

  /** What was measured of the losses, to the last bit. */
  private static List<Double> losses(Path run) {
    return MetricsLog.read(run.resolve("metrics.jsonl")).stream()
        .filter(it -> it.stage().equals("ppo"))
        .map(it -> it.values().get("loss"))
        .toList();
  }

  /** Which of the learners the others follow, or not. */
  private static Nodes.Member one(
      Nodes nodes, Nodes.Member supervisor, List<Nodes.Member> learners, String what)
      throws Exception {
    nodes.awaitStep(supervisor, "ppo", 20, PATIENCE);
    return learners.stream().filter(it -> it.says(what, "in stage ppo")).findFirst().orElseThrow();
  }

  @Tag("slow")
  @Test
  void aFollowerThatIsKilledAndReplacedChangesNothing() throws Exception {
    String stages = STAGES.formatted(200);
    Path alone = embedded(stages);
    try (Nodes nodes = cluster(stages, 2)) {
      Nodes.Member supervisor = nodes.supervisor();
      nodes.join("others", "generator,reward,reference");
      List<Nodes.Member> learners = learners(nodes, 2);

      one(nodes, supervisor, learners, "is learner").kill();
      nodes.awaitStep(supervisor, "ppo", 60, PATIENCE);
      Nodes.Member joiner = nodes.join("joiner", "learner");
      nodes.await(
          supervisor, "the joiner", PATIENCE, () -> joiner.says("is learner", "in stage ppo"));

      nodes.assertDone(supervisor, PATIENCE);
      assertSame(alone, nodes);
      List<Long> steps =
          MetricsLog.read(nodes.run().resolve("metrics.jsonl")).stream()
              .filter(it -> it.stage().equals("ppo"))
              .map(StepMetrics::step)
              .toList();
      assertEquals(200, steps.stream().distinct().count());
    }
  }

  @Tag("slow")
  @Test
  void aLeadThatIsKilledIsFollowedByOneOfTheOthers() throws Exception {
    String stages = STAGES.formatted(100);
    Path alone = embedded(stages);
    try (Nodes nodes = cluster(stages, 3)) {
      Nodes.Member supervisor = nodes.supervisor();
      nodes.join("others", "generator,reward,reference");
      List<Nodes.Member> learners = learners(nodes, 3);

      one(nodes, supervisor, learners, "leads 3 learners").kill();

      nodes.assertDone(supervisor, PATIENCE);
      assertSame(alone, nodes);
    }
  }

  @Tag("slow")
  @Test
  void aFollowerThatFreezesIsLeftOut() throws Exception {
    String stages = STAGES.formatted(100);
    Path alone = embedded(stages);
    try (Nodes nodes = cluster(stages, 2)) {
      Nodes.Member supervisor = nodes.supervisor();
      nodes.join("others", "generator,reward,reference");
      List<Nodes.Member> learners = learners(nodes, 2);

      Nodes.Member sleeper = one(nodes, supervisor, learners, "is learner");
      sleeper.freeze();
      nodes.awaitStep(supervisor, "ppo", 60, PATIENCE);
      sleeper.thaw();

      nodes.assertDone(supervisor, PATIENCE);
      assertSame(alone, nodes);
    }
  }
}
