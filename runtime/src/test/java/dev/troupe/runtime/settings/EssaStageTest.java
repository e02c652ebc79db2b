package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EssaStageTest {
  /** Adapters of rank 4 in line 13, the search in line 14. */
  private static final String RECIPE =
      Recipes.SMALL
          .replace("steps = 10, batch = 8", "steps = 10, batch = 8, optimizer.lora.rank = 4")
          .replace(
              "name = rl, kind = grpo, from = base, steps = 5, prompts = 4, group-size = 2",
              "name = evolved, kind = essa, from = base, steps = 5, prompts = 4");

  private static EssaStage stage(String... overrides) {
    return assertInstanceOf(EssaStage.class, Recipes.parse(RECIPE, overrides).stages().get(1));
  }

  @Test
  void takesItsDefaultsFromThePaperAndItsAdaptersFromTheStageBefore() {
    EssaStage stage = stage();

    assertEquals(4, stage.adapters().orElseThrow().rank());
    assertEquals(96, stage.population());
    assertEquals(1.0, stage.alpha());
    assertEquals(EssaStage.SigmaUnit.MEAN_SINGULAR_VALUE, stage.sigmaUnit());
    assertEquals(EssaStage.Covariance.FULL, stage.covariance());
    assertEquals(EssaStage.Offsets.ABSOLUTE, stage.offsets());
    assertEquals(EssaStage.Precision.FULL, stage.precision());
    assertEquals(8, stage.sampling().maxTokens());
    assertEquals(List.of("base"), stage.inputs());
  }

  @Test
  void theFinalComparisonIsOneMoreStep() {
    assertEquals(5, stage().learnerSteps());
    assertEquals(6, stage("stages.evolved.returns=best-validated").learnerSteps());
    assertEquals(
        0, stage("stages.evolved.returns=best-validated", "stages.evolved.steps=0").learnerSteps());
  }

  @Test
  void aRelativeStepNeedsNoUnit() {
    EssaStage stage = stage("stages.evolved.offsets=relative");

    assertEquals(EssaStage.SigmaUnit.ABSOLUTE, stage.sigmaUnit());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          prompts = 4 | prompts = 4, alpha = 0.2 | stages.evolved.alpha = 0.2 (test.conf: 14) of the rank 4 of the adapters of stages.evolved.from = "base" (test.conf: 14) leaves no singular value to search; choose at least 0.25
          , optimizer.lora.rank = 4 | ` `      | stages.evolved.from = "base" is a stage without low-rank adapters (test.conf: 14); give it optimizer.lora { rank = ... }, or name a stage that has them
          from = base | from = model           | stages.evolved.from = "model" names no stage (test.conf: 14); candidates: base
          prompts = 4 | prompts = 4, population = 1 | stages.evolved.population = 1 is outside [2, 4096] (test.conf: 14)
          prompts = 4 | prompts = 4, samples = 2, sampling.temperature = 0 | stages.evolved.samples = 2 (test.conf: 14) would be the same text each time when stages.evolved.sampling.temperature = 0 (test.conf: 14); choose 1 sample or a temperature above 0
          prompts = 4 | prompts = 4, offsets = relative, sigma-unit = absolute | stages.evolved.sigma-unit = "absolute" (test.conf: 14) has no effect when stages.evolved.offsets = "relative" (test.conf: 14); remove it
          prompts = 4 | prompts = 4, precision = int2 | stages.evolved.precision = "int2" is not one of full, int8, int4 (test.conf: 14); did you mean int8?
          """)
  void saysInOneSentenceWhatIsWrong(String old, String replacement, String sentence) {
    assertEquals(List.of(sentence), Recipes.problems(RECIPE.replace(old, replacement)));
  }
}
