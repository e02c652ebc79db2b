package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RolloutStage;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SampledStage;
import dev.troupe.runtime.settings.StageSettings;
import dev.troupe.runtime.settings.TrainedStage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The recipes that ship with the project, run to their end. */
@Tag("slow")
class RecipesTest {
  private static final Path ROOT = Path.of(System.getProperty("troupe.root", ".."));
  private static final Path RECIPES = ROOT.resolve("cluster-config/recipes");
  private static final Path ASSETS = ROOT.resolve("../shared/assets");
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  @TempDir private Path directory;

  @Test
  void theQuickstartTeachesSortingToAStatedAccuracy() throws Exception {
    RunSettings settings = run("quickstart.conf");

    double before = meanReward(settings, "sft-a");
    double after = meanReward(settings, "grpo");
    // With the shipped seed about 0.35 and 0.9; processors round differently, and paths part.
    assertTrue(before < 0.7, "accuracy before GRPO was " + before);
    assertTrue(after > 0.75, "accuracy after GRPO was " + after);
    assertTrue(after > before + 0.15, "GRPO moved accuracy from " + before + " to " + after);
  }

  @Test
  void evolvedSingularValuesSortBetterThanTheAdaptersTheyBeganWith() throws Exception {
    RunSettings settings = run("essa.conf");

    double before = meanReward(settings, "sft");
    double after = meanReward(settings, "essa");
    // With the shipped seed 0.44 and 0.49 on 2000 prompts.
    assertTrue(after > before + 0.01, "ESSA moved accuracy from " + before + " to " + after);
  }

  @Test
  void aStoryModelLearnsCheerfulnessWhileItStaysNearItsReference() throws Exception {
    Path model = ASSETS.resolve("models/tiny-stories-260k");
    assumeTrue(Files.isDirectory(model), "the model tiny-stories-260k is not beside the project");

    RunSettings settings =
        run("sentiment-stories.conf", "model.path=" + model, "stages.cheerful.steps=20");

    double before = meanReward(settings, "model");
    double after = meanReward(settings, "cheerful");
    assertTrue(after > before + 0.1, "mean reward moved from " + before + " to " + after);
    for (StepMetrics step : MetricsLog.read(settings.directory().resolve("metrics.jsonl"))) {
      double kl = step.values().get("kl/reference");
      assertTrue(kl >= 0 && kl < 1, "KL of step " + step.step() + " is " + kl + " nats a token");
    }
  }

  @Test
  void gradeSchoolMathematicsGoesThroughEveryPart() throws Exception {
    Path data = ASSETS.resolve("data/gsm8k_train.jsonl");
    assumeTrue(Files.isRegularFile(data), "the data gsm8k_train.jsonl is not beside the project");

    RunSettings settings = run("gsm8k-plumbing.conf", "task.path=" + data);

    var last = EvaluationFile.read(settings.directory(), "grpo").orElseThrow();
    assertTrue(last.trials() == 16 && last.failures() == 0, last.toString());
  }

  @Test
  void choosingHowToAskBeatsTheBestSingleWayWhereHintsHelpWithDifferentPrompts() throws Exception {
    RunSettings settings = run("prompt-selection.conf");

    List<StepMetrics> steps = MetricsLog.read(settings.directory().resolve("metrics.jsonl"));
    Map<String, Double> measured = steps.get(steps.size() - 1).values();
    // With the shipped seed about 0.85, 0.39 and 0.89.
    assertTrue(measured.get("prompts/gain-low") > 0.1, measured.toString());
    assertTrue(measured.get("prompts/oracle") > measured.get("prompts/selected") - 1e-12);
  }

  /** The methods' recipes, cut to a few steps: every part of them works. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "cispo",
        "composition",
        "dapo",
        "decoupled-ppo",
        "dpo",
        "dr-grpo",
        "gspo",
        "multi-objective-grpo",
        "own-data",
        "best-of-n",
        "calculator",
        "guess-number",
        "policy-filtration",
        "ppo",
        "ppo-c",
        "ppo-m",
        "ppo-max",
        "pro",
        "reinforce-plus-plus",
        "reinforce-plus-plus-baseline",
        "rlmt",
        "rlmt-zero",
        "rloo",
        "rto",
        "salsa",
        "superhf",
        "tdpo"
      })
  void theRecipeOfAMethodRuns(String method) throws Exception {
    String recipe = method + ".conf";
    var shorter = new ArrayList<>(List.of("evaluate.prompts=50"));
    for (StageSettings stage : Recipe.load(RECIPES.resolve(recipe)).stages()) {
      if (stage instanceof SampledStage) {
        shorter.add("stages." + stage.name() + ".steps=6");
      }
    }

    RunSettings settings = run(recipe, shorter.toArray(String[]::new));

    String last = settings.evaluate().stages().get(1);
    EvaluationFile after = EvaluationFile.read(settings.directory(), last).orElseThrow();
    assertEquals(50 * settings.evaluate().samples(), after.trials());
    assertEquals(0, after.failures());
  }

  /**
   * Every recipe with a directory in place of its new decoder, for two steps of each stage: 29
   * recipes in fifty seconds. The directory's tokenizer knows every byte, so it can express every
   * task.
   */
  @ParameterizedTest
  @MethodSource("recipes")
  void aRecipeRunsOnAModelDirectory(String recipe) throws Exception {
    var overrides = new ArrayList<>(List.of("model.path=" + modelDirectory()));
    overrides.add("evaluate.prompts=4");
    if (recipe.equals("gsm8k-plumbing.conf")) {
      Path data = ASSETS.resolve("data/gsm8k_train.jsonl");
      assumeTrue(Files.isRegularFile(data), "the data gsm8k_train.jsonl is not beside the project");
      overrides.add("task.path=" + data);
    }
    for (StageSettings stage : Recipe.load(RECIPES.resolve(recipe)).stages()) {
      if (stage instanceof TrainedStage || stage instanceof RolloutStage) {
        overrides.add("stages." + stage.name() + ".steps=2");
      }
    }

    RunSettings settings = run(recipe, overrides.toArray(String[]::new));

    for (StageSettings stage : settings.stages()) {
      Path checkpoints = settings.directory().resolve("checkpoints").resolve(stage.name());
      assertTrue(new CheckpointStore(checkpoints).latest().isPresent(), stage.name());
    }
    for (String stage : settings.evaluate().stages()) {
      EvaluationFile file = EvaluationFile.read(settings.directory(), stage).orElseThrow();
      assertEquals(0, file.failures(), file.toString());
    }
  }

  static List<String> recipes() throws IOException {
    try (Stream<Path> files = Files.list(RECIPES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".conf")) // Data lie in folders beside them.
          .sorted()
          .toList();
    }
  }

  /** A small model that Troupe itself wrote. */
  private Path modelDirectory() throws InterruptedException {
    RunSettings settings =
        SmallRuns.settings(
            directory.resolve("given"),
            "{ name = given, kind = sft, from = model, steps = 1, batch = 4 }",
            "tokenizer={ kind = bytes }",
            "model.context=1280");
    assertInstanceOf(RunOutcome.Completed.class, SmallRuns.run(settings, 1));
    return settings.directory().resolve("checkpoints/given/step-1");
  }

  private static double meanReward(RunSettings settings, String stage) {
    return EvaluationFile.read(settings.directory(), stage).orElseThrow().rewards().stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElseThrow();
  }

  private RunSettings run(String recipe, String... overrides) throws InterruptedException {
    var all = new ArrayList<>(List.of(overrides));
    all.add("directory=\"" + directory.resolve("run") + "\"");
    RunSettings settings = Recipe.load(RECIPES.resolve(recipe), all);
    var options = new EmbeddedRun.Options("test", Clock.systemUTC(), opened -> {});
    try (EmbeddedRun run = EmbeddedRun.start(settings, options, event -> {})) {
      Optional<RunOutcome> outcome = run.await(PATIENCE);
      assertTrue(outcome.isPresent(), recipe + " did not end within " + PATIENCE);
      assertInstanceOf(RunOutcome.Completed.class, outcome.get(), outcome.get().toString());
    }
    return settings;
  }
}
