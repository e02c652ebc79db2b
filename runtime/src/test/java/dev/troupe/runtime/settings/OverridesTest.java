package dev.troupe.runtime.settings;

import static dev.troupe.runtime.settings.Recipes.problems;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverridesTest {
  @Test
  void winOverTheRecipeAndTheDefaults() {
    RunSettings settings = Recipes.small("name=big", "threads = 2", "checkpoints.keep=9");
    assertEquals("big", settings.name());
    assertEquals(2, settings.threads());
    assertEquals(9, settings.checkpoints().keep());
    assertEquals(10, settings.checkpoints().every());
  }

  @Test
  void reachStagesByNameAndRewardsByKind() {
    RunSettings settings =
        Recipes.small("stages.rl.kl.coefficient=0.5", "reward.exact-match.weight=3");
    PolicyGradientStage rl = assertInstanceOf(PolicyGradientStage.class, settings.stages().get(1));
    assertEquals(0.5, rl.kl().coefficient());
    assertEquals(3, settings.reward().get(0).getInt("weight"));
  }

  @Test
  void takeTextsThatHoconWouldWantQuoted() {
    RunSettings settings = Recipes.small("device=cuda:1", "directory=/tmp/a b, c");
    assertEquals("cuda:1", settings.device());
    assertEquals(Path.of("/tmp/a b, c"), settings.directory());
  }

  @Test
  void takeListsAndSections() {
    RunSettings settings = Recipes.small("evaluate={ stages = [rl], prompts = 5 }");
    assertEquals(List.of("rl"), settings.evaluate().stages());
    assertEquals(5, settings.evaluate().prompts());
  }

  @Test
  void reachWhatTheRecipeSubstitutes() {
    String recipe =
        Recipes.SMALL.replace("batch = 8", "batch = 8, data-seed = ${seed}") + "seed = 4";
    SftStage before = assertInstanceOf(SftStage.class, Recipes.parse(recipe).stages().get(0));
    SftStage after =
        assertInstanceOf(SftStage.class, Recipes.parse(recipe, "seed=5").stages().get(0));
    assertEquals(4, before.dataSeed());
    assertEquals(5, after.dataSeed());
  }

  @Test
  void aModelPathTakesThePlaceOfANewDecoderAndItsTokenizer() {
    RunSettings settings = Recipes.small("model.path=models/some");
    assertEquals(new ModelSettings.Pretrained(Path.of("models/some")), settings.model());
    assertEquals(TokenizerSettings.Kind.MODEL, settings.tokenizer().kind());
  }

  @Test
  void aModelPathDoesNotHideWhatIsGivenBesideIt() {
    assertEquals(
        List.of(
            "model.width = 64 (command line) has no effect when model.path = \"models/some\""
                + " (command line); remove it",
            "tokenizer.kind = \"bytes\" (command line) does not know the tokens of model.path ="
                + " \"models/some\" (command line); choose model"),
        problems(
            Recipes.SMALL, "model.path=models/some", "model.width=64", "tokenizer.kind=bytes"));
  }

  @Test
  void areNamedAsTheOriginOfTheirMistakes() {
    assertEquals(
        List.of("threads = -1 is outside [0, 1024] (command line)"),
        problems(Recipes.SMALL, "threads=-1"));
    assertEquals(
        List.of("thread is not a known key (command line); did you mean threads?"),
        problems(Recipes.SMALL, "thread=1"));
  }

  @Test
  void mustBeKeyAndValue() {
    String advice =
        " (command line) is not an override; write key=value, such as stages.grpo.steps=10";
    assertEquals(
        List.of("\"threads\"" + advice, "\"=3\"" + advice, "\"a..b=3\"" + advice),
        problems(Recipes.SMALL, "threads", "=3", "a..b=3"));
  }

  @Test
  void nameAStageThatIsThere() {
    assertEquals(
        List.of(
            "stages.grpo.steps (command line) reaches for \"grpo\", which is not in the list"
                + " stages; choose one of base, rl"),
        problems(Recipes.SMALL, "stages.grpo.steps=3"));
  }
}
