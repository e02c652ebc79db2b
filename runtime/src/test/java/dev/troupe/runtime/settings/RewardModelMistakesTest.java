package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person is told who writes a reward model, or learning from one, wrongly. */
class RewardModelMistakesTest {
  private static final String STAGES =
      """
      { name = base, kind = sft, from = model, steps = 10, batch = 8 }
      { name = rm, kind = reward-model, from = base, steps = 5, prompts = 4, group-size = 2
      objective = regression
      labels = [ { kind = exact-match, name = a }, { kind = digit-placement, name = b } ]
      }
      { name = rl, kind = grpo, from = base, steps = 5, prompts = 4, group-size = 2
      reward-model { stage = rm }
      }
      """;

  private static List<String> problems(String stages) {
    String head = Recipes.SMALL.substring(0, Recipes.SMALL.indexOf("stages"));
    String recipe = head + "stages = [\n" + stages + "]\n";
    var refusal = assertThrows(SettingsException.class, () -> Recipe.parse(recipe, "r", List.of()));
    return refusal.problems().stream()
        .map(problem -> problem.replaceAll(" ?\\((r|[a-z-]+.conf): \\d+\\)", ""))
        .toList();
  }

  @Test
  void theRecipeIsSoundAtFirst() {
    String head = Recipes.SMALL.substring(0, Recipes.SMALL.indexOf("stages"));
    RunSettings settings = Recipe.parse(head + "stages = [\n" + STAGES + "]\n", "r", List.of());
    assertEquals(List.of("a", "b"), ((RewardModel) settings.stage("rm")).scores());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          stage = rm | stage = base | stages.rl.reward-model.stage = "base" is a stage of kind sft, not reward-model; candidates: rm
          stage = rm | stage = rm, weights = [1] | stages.rl.reward-model.weights = [1] has not one number for each score; the scores are a, b
          stage = rm | stage = rm, weights = [1, 1] | stages.rl.reward-model.weights = [1,1] adds up to 2.0; the shares must add up to 1
          stage = rm | stage = rm, combine = gated, threshold = 0 | stages.rl.reward-model.constraint is missing; set it to one of a, b
          stage = rm | stage = rm, combine = gated, constraint = c, threshold = 0 | stages.rl.reward-model.constraint = "c" is not one of a, b
          stage = rm | stage = rm, combine = lagrangian, constraint = a | stages.rl.reward-model.threshold is missing; set it to a number in [-1000000.0, 1000000.0]
          stage = rm | stage = rm, constraint = a | stages.rl.reward-model.constraint = "a" has no effect when stages.rl.reward-model.combine = "sum-then-normalise"; remove it
          stage = rm | stage = rm, combine = normalise-then-sum | stages.rl.advantage = "normalised" would compare once more what reward-model.combine = normalise-then-sum has compared; choose given
          stage = rm | stage = rm, unparsed = fixed | stages.rl.reward-model.unparsed = "fixed" has no effect unless only answers are read; choose view = answer
          stage = rm | stage = rm, confidence.rule = difference | stages.rl.reward-model.confidence.rule = "difference" corrects a reward that the stated confidence has moved already; choose reward-model.view = without-confidence
          stage = rm | stage = rm, view = whole | stages.rl.reward-model.view = "whole" is not one of all, answer, without-confidence
          stage = rm | stage = rm, recipe-weight = -1 | stages.rl.reward-model.recipe-weight = -1 is outside [0.0, 1000000.0]
          stage = rm | stage = rm, answer.strict = yep | stages.rl.reward-model.answer.strict = "yep" is not true or false
          name = a } | name = b } | stages.rm.labels.1.name = "b" names a second label b; give each a name of its own
          name = a } | name = a, weight = 2 } | stages.rm.labels.a.weight = 2 weighs nothing; write weights where scores are used, and none here
          objective = regression | objective = bradley-terry | stages.rm.preference is missing; set it to a list of sections [ { ... }, { ... } ]
          objective = regression | objective = regression, preference = [ { kind = exact-match, weight = 1 } ] | stages.rm.preference = [{"kind":"exact-match","weight":1}] has no effect when stages.rm.objective = "regression"; remove it
          objective = regression | objective = regression, head = tanh | stages.rm.head = "tanh" is not one of linear, sigmoid
          objective = regression | objective = regression, measure-steps = 0 | stages.rm.measure-steps = 0 is outside [1, 10000]
          objective = regression | objective = regression, centring = -1 | stages.rm.centring = -1 is outside [0.0, 100.0]
          objective = regression | objective = regression, probability-offset = 0.01 | stages.rm.probability-offset = 0.01 has no effect when stages.rm.objective = "regression"; remove it
          objective = regression | objective = regression, pairs = some | stages.rm.pairs = "some" is not one of best-worst, all
          objective = regression | objective = regression, comparison = both | stages.rm.comparison = "both" is not one of pairs, combined, k-wise
          objective = regression | objective = regression, policy = bse | stages.rm.policy = "bse" names no stage; candidates: model, base; did you mean base?
          """)
  void saysInOneSentenceWhatIsWrong(String old, String replacement, String sentence) {
    assertTrue(STAGES.contains(old), old);
    List<String> problems = problems(STAGES.replace(old, replacement));
    assertTrue(problems.contains(sentence), () -> String.join("\n", problems));
  }

  @Test
  void saysAllAtOnce() {
    String broken =
        STAGES
            .replace("objective = regression", "objective = regression, head = tanh, margin = 2")
            .replace("stage = rm", "stage = rm, lambda = -1, confidence.weight = -2");
    assertEquals(4, problems(broken).size(), () -> problems(broken).toString());
  }
}
