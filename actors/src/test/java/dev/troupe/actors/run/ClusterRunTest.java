package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.chaos.Promises;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same run in one process and in many, which talk over Aeron. */
class ClusterRunTest {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private static final String GRPO =
      """
      { name = grpo, kind = grpo, from = sft-a, steps = %d, prompts = 4, group-size = 4
        unit-prompts = 1, staleness = 1, reference = soup
        reference-update { kind = ema, every = 2, rate = 0.5 }
        shaping { kind = rto, model = dpo } }
      """;

  @TempDir private Path directory;

  private Path recipe(String stages) throws IOException {
    Path file = directory.resolve("small.conf");
    String text = SmallRuns.recipe(directory.resolve("unused"), stages);
    return Files.writeString(file, text);
  }

  private Path embedded(String stages) throws InterruptedException {
    Path run = directory.resolve("embedded");
    assertInstanceOf(RunOutcome.Completed.class, SmallRuns.run(SmallRuns.settings(run, stages), 1));
    return run;
  }

  @Test
  void threeProcessesEndWithTheWeightsOfOne() throws Exception {
    String stages =
        """
        { name = sft, kind = sft, from = model, steps = 3, batch = 8 }
        { name = grpo, kind = grpo, from = sft, steps = 3, prompts = 4, group-size = 4
          unit-prompts = 2, reference = sft, kl.coefficient = 0.01 }
        """;
    Path alone = embedded(stages);
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe(stages))) {
      Nodes.Member supervisor = nodes.supervisor();
      List<Nodes.Member> others =
          List.of(
              nodes.join("learner", "learner,reward"),
              nodes.join("generator", "generator,reference"));

      nodes.assertDone(supervisor, PATIENCE);
      nodes.assertDone(others, PATIENCE);
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }

  @Tag("slow")
  @Test
  void threeProcessesThatAreAllKilledGoOnTogether() throws Exception {
    String stages = SmallRuns.STAGES + GRPO.formatted(60);
    Path alone = embedded(stages);
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe(stages))) {
      Nodes.Member supervisor = three(nodes);
      for (long step : new long[] {11, 30}) {
        nodes.awaitStep(supervisor, "grpo", step, PATIENCE);
        nodes.killAll();
        supervisor = three(nodes);
      }

      assertEquals(0, nodes.exit(supervisor, PATIENCE), nodes::everythingOrNothing);
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
      assertEquals(Nodes.curve(alone), Nodes.curve(nodes.run()));
      assertEquals(Nodes.tickets(alone), Nodes.tickets(nodes.run()));
    }
  }

  private static Nodes.Member three(Nodes nodes) throws IOException {
    Nodes.Member supervisor = nodes.supervisor();
    nodes.join("learner", "learner,reward");
    nodes.join("generator", "generator,reference");
    return supervisor;
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void anyNumberOfGeneratorsEndsWithTheWeightsOfOneProcess(int generators) throws Exception {
    String stages = SmallRuns.STAGES + GRPO.formatted(6);
    Path alone = embedded(stages);
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe(stages))) {
      Nodes.Member supervisor = nodes.supervisor();
      List<Nodes.Member> others = company(nodes, generators);

      nodes.assertDone(supervisor, PATIENCE);
      nodes.assertDone(others, PATIENCE);
      assertEquals(Nodes.digest(alone, "dpo"), Nodes.digest(nodes.run(), "dpo"));
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }

  private static List<Nodes.Member> company(Nodes nodes, int generators) throws IOException {
    var others = new ArrayList<Nodes.Member>();
    others.add(nodes.join("learner", "learner"));
    others.add(nodes.join("reward", "reward"));
    others.add(nodes.join("reference", "reference"));
    for (int i = 1; i <= generators; i++) {
      others.add(nodes.join("generator-" + i, "generator"));
    }
    return others;
  }

  @Tag("slow")
  @Test
  void generatorsThatDieJoinAndFreezeChangeNothing() throws Exception {
    String stages = SmallRuns.STAGES + GRPO.formatted(400);
    Path alone = embedded(stages);
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe(stages))) {
      Nodes.Member supervisor = nodes.supervisor();
      company(nodes, 0);
      Nodes.Member victim = nodes.join("victim", "generator");
      Nodes.Member sleeper = nodes.join("sleeper", "generator");

      nodes.awaitStep(supervisor, "grpo", 10, PATIENCE);
      victim.kill();
      Nodes.Member joiner = nodes.join("joiner", "generator");
      nodes.awaitStep(supervisor, "grpo", 40, PATIENCE);
      sleeper.freeze();
      // The failure detector takes 3 s; the run goes on with the joiner meanwhile.
      nodes.await(
          supervisor,
          "word that the frozen generator is out of reach",
          PATIENCE,
          () -> supervisor.says(sleeper.host(), "UNREACHABLE"));
      sleeper.thaw();

      nodes.assertDone(supervisor, PATIENCE);
      nodes.assertDone(joiner, PATIENCE);
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
      // Every step was trained once, in order.
      List<Long> steps =
          MetricsLog.read(nodes.run().resolve("metrics.jsonl")).stream()
              .filter(it -> it.stage().equals("grpo"))
              .map(StepMetrics::step)
              .toList();
      assertEquals(400, steps.size());
      assertEquals(steps.stream().distinct().sorted().toList(), steps);
    }
  }

  /** What is sampled depends on time, so there is no other run to compare with. */
  @Tag("slow")
  @Test
  void theNewestPacingKeepsItsPromisesWhenAGeneratorAndTheSupervisorDie() throws Exception {
    Path recipe = recipe(SmallRuns.NEWEST.formatted(60));
    Files.write(recipe, SmallRuns.LONG_ANSWERS, StandardOpenOption.APPEND);
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe)) {
      Nodes.Member first = nodes.supervisor();
      Nodes.Member learner = nodes.join("learner", "learner,reward,reference");
      Nodes.Member victim = nodes.join("victim", "generator");
      Nodes.Member generator = nodes.join("generator", "generator");
      nodes.awaitStep(first, "rl", 10, PATIENCE);
      victim.kill();
      nodes.awaitStep(first, "rl", 30, PATIENCE);
      first.kill();
      nodes.exit(first, PATIENCE);
      Nodes.Member second = nodes.supervisor();

      for (Nodes.Member member : List.of(second, learner, generator)) {
        assertEquals(0, nodes.exit(member, PATIENCE), nodes::everythingOrNothing);
      }
      RunSettings settings = Recipe.load(nodes.run().resolve("run.conf"));
      assertEquals(List.of(), Promises.broken(settings));
      List<StepMetrics> steps =
          MetricsLog.read(nodes.run().resolve("metrics.jsonl")).stream()
              .filter(it -> it.stage().equals("rl"))
              .toList();
      assertEquals(
          LongStream.rangeClosed(1, 60).boxed().toList(),
          steps.stream().map(StepMetrics::step).toList());
      assertTrue(
          steps.stream().anyMatch(it -> it.values().get("staleness/mixed-rollouts") > 0),
          "no completion went on under new weights");
    }
  }

  @Tag("slow")
  @Test
  void aGeneratorThatWasFrozenUntilItWasGivenUpComesBackAsAnother() throws Exception {
    String stages = SmallRuns.STAGES + GRPO.formatted(60);
    Path alone = embedded(stages);
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe(stages))) {
      Nodes.Member supervisor = nodes.supervisor();
      company(nodes, 0);
      // The only one: the run cannot end before it is back.
      Nodes.Member sleeper = nodes.join("sleeper", "generator");
      nodes.awaitStep(supervisor, "grpo", 10, PATIENCE);
      sleeper.freeze();
      nodes.await(
          supervisor,
          "the removal of the frozen generator",
          PATIENCE,
          () -> supervisor.says(sleeper.host(), "is removing unreachable node"));
      sleeper.thaw();

      nodes.assertDone(supervisor, PATIENCE);
      nodes.assertDone(sleeper, PATIENCE);
      assertTrue(sleeper.text().contains("Looking for it again."), sleeper.text());
      assertEquals(2, sleeper.text().split("takes part in small", -1).length - 1, sleeper.text());
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }

  @Tag("slow")
  @Test
  void aSupervisorThatIsStartedAgainTakesTheRunUp() throws Exception {
    String stages = SmallRuns.STAGES + GRPO.formatted(100);
    Path alone = embedded(stages);
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe(stages))) {
      Nodes.Member first = nodes.supervisor();
      List<Nodes.Member> others = company(nodes, 1);

      nodes.awaitStep(first, "grpo", 20, PATIENCE);
      first.kill();
      nodes.exit(first, PATIENCE);
      Nodes.Member second = nodes.supervisor();

      nodes.assertDone(second, PATIENCE);
      nodes.assertDone(others, PATIENCE);
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }

  @Tag("slow")
  @Test
  void whatRewardAndReferenceNodesHadWhenTheyDiedIsScoredByOthers() throws Exception {
    String stages = SmallRuns.STAGES + GRPO.formatted(200);
    Path alone = embedded(stages);
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe(stages))) {
      Nodes.Member supervisor = nodes.supervisor();
      company(nodes, 1);
      Nodes.Member reward = nodes.join("second-reward", "reward");
      Nodes.Member reference = nodes.join("second-reference", "reference");

      nodes.awaitStep(supervisor, "grpo", 20, PATIENCE);
      reward.kill();
      reference.kill();

      nodes.assertDone(supervisor, PATIENCE);
      assertEquals(Nodes.digest(alone, "grpo"), Nodes.digest(nodes.run(), "grpo"));
    }
  }

  @Tag("slow")
  @Test
  void aNodeOfAnotherProgramIsRefused() throws Exception {
    Path recipe = recipe("{ name = sft, kind = sft, from = model, steps = 3, batch = 8 }");
    Path classes = directory.resolve("classes");
    copy(
        Path.of(Workshop.class.getProtectionDomain().getCodeSource().getLocation().toURI()),
        classes);
    Files.writeString(classes.resolve("changed.txt"), "another program");
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe)) {
      nodes.supervisor("--patience", "60");
      Nodes.Member other =
          nodes.with(classes + File.pathSeparator + Nodes.ownClasspath()).join("other", "learner");

      assertEquals(2, nodes.exit(other, PATIENCE));
      assertTrue(other.text().contains("another version of the program"), other.text());
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
