package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.settings.AdvantageSettings.Estimator;
import dev.troupe.runtime.settings.CriticSettings.GradientClip;
import dev.troupe.runtime.settings.SurrogateSettings.Aggregation;
import dev.troupe.runtime.settings.SurrogateSettings.Loss;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What distinguishes the methods that share the settings of policy-gradient stages. */
class PolicyGradientPresetsTest {

  private static PolicyGradientStage stage(String kind, String... overrides) {
    String recipe = Recipes.SMALL.replace("kind = grpo", "kind = " + kind);
    return assertInstanceOf(
        PolicyGradientStage.class,
        Recipe.parse(recipe, "test.conf", java.util.List.of(overrides)).stages().get(1));
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          grpo,                         CLIP,  NORMALISED,      TOKEN_MEAN,               K3, LOSS,   0.04
          dr-grpo,                      CLIP,  CENTRED,         CONSTANT_LENGTH,          K3, LOSS,   0
          dapo,                         CLIP,  NORMALISED,      TOKEN_MEAN,               K3, LOSS,   0
          gspo,                         GSPO,  NORMALISED,      SEQUENCE_MEAN_TOKEN_MEAN, K3, LOSS,   0
          cispo,                        CISPO, NORMALISED,      TOKEN_MEAN,               K3, LOSS,   0
          rloo,                         CLIP,  LEAVE_ONE_OUT,   SEQUENCE_MEAN_TOKEN_SUM,  K1, REWARD, 0.01
          reinforce-plus-plus,          CLIP,  RETURN,          TOKEN_MEAN,               K1, REWARD, 0.01
          reinforce-plus-plus-baseline, CLIP,  RETURN_BASELINE, TOKEN_MEAN,               K2, LOSS,   0.01
          ppo,                          CLIP,  GAE,             TOKEN_MEAN,               K1, REWARD, 0.01
          ppo-max,                      CLIP,  GAE,             TOKEN_MEAN,               K1, REWARD, 0.05
          """)
  void eachKindHasTheChoicesOfItsPaper(
      String kind,
      Loss loss,
      Estimator advantage,
      Aggregation aggregation,
      KlSettings.Estimator divergence,
      KlSettings.Place place,
      double coefficient) {
    PolicyGradientStage stage = stage(kind);
    assertEquals(kind, stage.kind());
    assertEquals(loss, stage.surrogate().loss());
    assertEquals(advantage, stage.advantage().estimator());
    assertEquals(aggregation, stage.surrogate().aggregation());
    assertEquals(divergence, stage.kl().estimator());
    assertEquals(place, stage.kl().place());
    assertEquals(coefficient, stage.kl().coefficient());
    assertEquals(advantage == Estimator.GAE, stage.critic().isPresent());
  }

  @Test
  void dapoClipsHigherAndSamplesAgain() {
    PolicyGradientStage dapo = stage("dapo");
    assertEquals(0.2, dapo.surrogate().clipLow());
    assertEquals(0.28, dapo.surrogate().clipHigh());
    assertEquals(3, dapo.extraBatches());
  }

  @Test
  void aCriticStartsFromThePolicyUnlessAnotherStageIsNamed() {
    assertEquals(
        Optional.of(new CriticSettings("base", 9e-6, 0, 0.2, 1, GradientClip.SEPARATE)),
        stage("ppo").critic());
    PolicyGradientStage other = stage("ppo-max", "stages.rl.critic.from=model");
    assertEquals(
        Optional.of(new CriticSettings("model", 9e-6, 10, 0.2, 1, GradientClip.JOINT)),
        other.critic());
    assertTrue(other.inputs().contains("model"));
  }

  @Test
  void aDefaultCriticIsForgottenWithTheAdvantageThatNeedsIt() {
    assertEquals(Optional.empty(), stage("ppo", "stages.rl.advantage=centred").critic());
  }

  @Test
  void everyChoiceOfAKindCanBeMadeForAnother() {
    PolicyGradientStage asPpo =
        stage(
            "grpo",
            "stages.rl.advantage=gae",
            "stages.rl.critic={}",
            "stages.rl.kl={ estimator = k1, place = reward, coefficient = 0.01 }",
            "stages.rl.reward-transform.clip=10");
    PolicyGradientStage ppo = stage("ppo");
    assertEquals(ppo.critic(), asPpo.critic());
    assertEquals(ppo.kl(), asPpo.kl());
    assertEquals(ppo.outcome(), asPpo.outcome());
    assertEquals(ppo.surrogate(), asPpo.surrogate());
  }

  @Test
  void onlyComparisonsNeedASecondCompletion() {
    String one = "stages.rl.group-size=1";
    assertEquals(1, stage("ppo", one).groupSize());
    assertEquals(1, stage("reinforce-plus-plus", one).groupSize());
  }
}
