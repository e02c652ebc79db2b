package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShippedRecipesTest {
  private static final int LONGEST_QUICKSTART_LINES = 45;

  @Test
  void allLoadUnderTheirOwnNames() throws IOException {
    List<Path> recipes = Recipes.shipped();
    assertTrue(recipes.size() >= 3, recipes.toString());
    for (Path recipe : recipes) {
      assertEquals(recipe.getFileName().toString(), Recipe.load(recipe).name() + ".conf");
    }
  }

  @Test
  void theQuickstartIsShort() throws IOException {
    Path quickstart = Recipes.folder().resolve("quickstart.conf");
    assertTrue(Files.readAllLines(quickstart).size() <= LONGEST_QUICKSTART_LINES);
  }

  @Test
  void theQuickstartAnchorsAndShapesItsReinforcementLearning() {
    RunSettings run = Recipe.load(Recipes.folder().resolve("quickstart.conf"));
    assertEquals(
        List.of("base", "sft-a", "sft-b", "soup", "dpo", "grpo"),
        run.stages().stream().map(StageSettings::name).toList());
    SoupStage soup = assertInstanceOf(SoupStage.class, run.stages().get(3));
    assertEquals(List.of(0.5, 0.5), soup.weights());
    DpoStage dpo = assertInstanceOf(DpoStage.class, run.stages().get(4));
    assertEquals("sft-a", dpo.reference());
    assertEquals("digit-placement", dpo.comparisons().preference().get(0).getString("kind"));
    PolicyGradientStage grpo = assertInstanceOf(PolicyGradientStage.class, run.stages().get(5));
    assertEquals(List.of("sft-a", "soup", "dpo"), grpo.inputs());
    assertEquals(Optional.of("dpo"), grpo.shaping().map(ShapingSettings::model));
    assertEquals(List.of("sft-a", "grpo"), run.evaluate().stages());
    assertEquals("sort-digits", run.task().getString("kind"));
    assertEquals(Path.of("runs", "quickstart"), run.directory());
  }

  @Test
  void everyStageHasDeadlinesWhichTheRecipeSetsForAllAndAStageForItself() {
    RunSettings run =
        Recipes.small("deadlines.train=2h", "deadlines.reward=30s", "stages.rl.deadlines.train=3h");
    assertEquals(
        Map.of(
            "base", deadlines(30, Duration.ofHours(2)), "rl", deadlines(30, Duration.ofHours(3))),
        run.deadlines());
    assertEquals(
        Map.of(
            "base", deadlines(120, Duration.ofHours(1)), "rl", deadlines(120, Duration.ofHours(1))),
        Recipes.small().deadlines());
  }

  private static DeadlineSettings deadlines(int rewardSeconds, Duration train) {
    return new DeadlineSettings(
        Duration.ofMinutes(10), Duration.ofSeconds(rewardSeconds), Duration.ofMinutes(10), train);
  }

  @Test
  void oneGeneratorSamplesAndARewardIsAskedForTwice() {
    assertEquals(1, Recipes.small().generators());
    assertEquals(2, Recipes.small().rewardAttempts());
  }

  /** The values beside the defaults of reference.conf: a change there is a change of behaviour. */
  @Test
  void aStageTakesItsDefaultsFromReferenceConf() {
    PolicyGradientStage rl =
        assertInstanceOf(PolicyGradientStage.class, Recipes.small().stages().get(1));
    assertEquals(0, rl.staleness());
    assertEquals(1, rl.epochs());
    assertEquals(1, rl.miniBatches());
    assertEquals(
        new SurrogateSettings(
            SurrogateSettings.Loss.CLIP, 0.2, 0.2, 3.0, SurrogateSettings.Aggregation.TOKEN_MEAN),
        rl.surrogate());
    assertEquals(
        new AdvantageSettings(AdvantageSettings.Estimator.NORMALISED, 1, 0.95, 0), rl.advantage());
    assertEquals(
        new KlSettings(KlSettings.Estimator.K3, KlSettings.Place.LOSS, 0.04, false, 0, 10_000),
        rl.kl());
    assertEquals(0, rl.extraBatches());
    assertEquals(new OutcomeSettings(0, 1, OutcomeSettings.Scaling.NONE, 0), rl.outcome());
    assertFalse(rl.filtration().isOn());
    assertEquals(CorrectionSettings.OldPolicy.SAMPLED, rl.correction().oldPolicy());
    assertEquals(CorrectionSettings.Kind.NONE, rl.correction().kind());
    assertEquals(Optional.empty(), rl.critic());
    assertEquals(0, rl.entropy().coefficient());
    assertEquals(0, rl.ptx().coefficient());
    assertEquals("base", rl.reference());
    assertEquals(new ReferenceUpdate(ReferenceUpdate.Kind.FIXED, 0, 0), rl.referenceUpdate());
    assertEquals(Optional.empty(), rl.shaping());
    assertEquals(8, rl.unitPrompts());
    assertEquals(new SamplingSettings(1, 0, 1, 0, 1, 8, List.of()), rl.sampling());
    assertEquals(
        new OptimizerSettings(
            1e-3,
            OptimizerSettings.Schedule.CONSTANT,
            0,
            0.1,
            0.9,
            0.95,
            1e-8,
            0,
            1,
            4096,
            4,
            false,
            true,
            Optional.empty()),
        rl.optimizer());
  }

  @Test
  void aDecoderTakesItsDefaultsFromItsFamily() {
    assertEquals(
        new ModelSettings.NewDecoder(
            "llama", 128, 4, 4, 2, 32, 352, 32, false, false, false, 1e-5, 10_000),
        Recipes.small().model());
    assertEquals(
        new ModelSettings.NewDecoder(
            "qwen3", 128, 4, 4, 2, 32, 352, 32, true, true, false, 1e-6, 1e6),
        Recipes.small("model.family=qwen3").model());
  }

  @Test
  void aStagesOwnSectionGoesBeforeTheSharedOne() {
    RunSettings run =
        Recipes.small("stages.rl.optimizer.learning-rate=0.5", "stages.rl.optimizer.lora.rank=4");
    SftStage base = assertInstanceOf(SftStage.class, run.stages().get(0));
    PolicyGradientStage rl = assertInstanceOf(PolicyGradientStage.class, run.stages().get(1));
    assertEquals(1e-3, base.optimizer().learningRate());
    assertEquals(0.5, rl.optimizer().learningRate());
    assertEquals(4, rl.optimizer().lora().orElseThrow().rank());
    assertEquals(32, rl.optimizer().lora().orElseThrow().alpha());
    assertEquals(7, rl.optimizer().lora().orElseThrow().targets().size());
  }
}
