package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person reads after a mistake in a stage that learns from preferences. */
class PreferenceMistakesTest {
  private static final String COMPARED =
      "from = base, steps = 5, prompts = 4, group-size = 4, preference = [ { kind = exact-match }"
          + " ]";

  /** The small recipe with one more stage, on line 15. */
  private static String with(String stage) {
    String compared =
        stage.startsWith("kind = superhf") ? COMPARED.replaceAll(", preference.*", "") : COMPARED;
    return Recipes.SMALL.replaceAll("]\n$", "  { name = p, " + compared + ", " + stage + " }\n]\n");
  }

  @Test
  void readsTheKindsWithTheirDefaults() {
    var tdpo =
        assertInstanceOf(
            TdpoStage.class, Recipes.parse(with("kind = tdpo, variant = tdpo1")).stages().get(2));
    assertEquals(List.of(0.1, 1.0), List.of(tdpo.beta(), tdpo.alpha()));
    assertEquals(List.of("base"), tdpo.inputs());
    var pro = assertInstanceOf(ProStage.class, Recipes.parse(with("kind = pro")).stages().get(2));
    assertEquals(4, pro.listLength());
    assertEquals(0.05, pro.supervisedWeight());
    assertTrue(pro.temperature() && !pro.supervisedMean());
    assertEquals(8, pro.sampling().maxTokens());
    var superHf =
        assertInstanceOf(SuperHfStage.class, Recipes.parse(with("kind = superhf")).stages().get(2));
    assertEquals(List.of(4, 1, 2), List.of(superHf.groupSize(), superHf.keep(), superHf.batch()));
    assertEquals(
        new SuperHfStage.Kl(0.7, SuperHfStage.Direction.FORWARD, SuperHfStage.Reduction.MEAN),
        superHf.kl());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          best-of = [1, 5]   | evaluate.best-of = [1,5] (test.conf: 1) needs more completions than evaluate.samples = 4 (test.conf: 1); sample more
          best-of = [1.5]    | evaluate.best-of = [1.5] has a number that is not whole (test.conf: 1)
          best-of = [0]      | evaluate.best-of = [0] has a number outside [1.0, 1024.0] (test.conf: 1)
          best-of = 4        | evaluate.best-of = 4 is not a list of numbers, such as [0.5, 0.5] (test.conf: 1)
          best-of-by = gold  | evaluate.best-of-by = "gold" (test.conf: 1) has no effect when evaluate.best-of = [] (reference.conf: N); remove it
          """)
  void saysWhatIsWrongWithABestOf(String setting, String sentence) {
    String recipe =
        Recipes.SMALL.replace(
            "name = small",
            "name = small, evaluate { samples = 4, temperature = 1, " + setting + " }");
    List<String> problems =
        Recipes.problems(recipe).stream()
            .map(
                problem ->
                    problem.replaceAll(
                        "(reference|[a-z-]+-defaults).conf: \\d+", "reference.conf: N"))
            .toList();
    assertEquals(List.of(sentence), problems);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          kind = tdpo                            | stages.p.variant is missing (test.conf: 15); set it to one of tdpo1, tdpo2
          kind = tdpo, variant = tdpo3           | stages.p.variant = "tdpo3" is not one of tdpo1, tdpo2 (test.conf: 15); did you mean tdpo1?
          kind = tdpo, variant = tdpo2           | stages.p.alpha is missing (test.conf: 15); set it to a number in [0.0, 100.0]
          kind = tdpo, variant = tdpo1, alpha = 1 | stages.p.alpha = 1 (test.conf: 15) has no effect when stages.p.variant = "tdpo1" (test.conf: 15); remove it
          kind = tdpo, variant = tdpo1, beta = 0 | stages.p.beta = 0 is outside [1.0E-4, 100.0] (test.conf: 15)
          kind = tdpo, variant = tdpo1, reference = rm | stages.p.reference = "rm" names no stage (test.conf: 15); candidates: model, base, rl
          kind = pro, list-length = 5            | stages.p.list-length = 5 (test.conf: 15) is above stages.p.group-size = 4 (test.conf: 15); lower it or sample more
          kind = pro, list-length = 1            | stages.p.list-length = 1 is outside [2, 1024] (test.conf: 15)
          kind = pro, temperature = 0.7          | stages.p.temperature = 0.7 is not true or false (test.conf: 15)
          kind = pro, supervised-weight = -1     | stages.p.supervised-weight = -1 is outside [0.0, 1000000.0] (test.conf: 15)
          kind = pro, preference = []            | stages.p.preference = [] holds no reward (test.conf: 15); write at least one { kind = ..., weight = 1 }
          kind = superhf, keep = 5              | stages.p.keep = 5 (test.conf: 15) is above stages.p.group-size = 4 (test.conf: 15); lower it or sample more
          kind = superhf, keep = 0              | stages.p.keep = 0 is outside [1, 1024] (test.conf: 15)
          kind = superhf, batch = 0             | stages.p.batch = 0 is outside [1, 1000000] (test.conf: 15)
          kind = superhf, length-penalty = long | stages.p.length-penalty = "long" is not a number in [-1000000.0, 1000000.0] (test.conf: 15)
          kind = superhf, inverse-penalty = -1  | stages.p.inverse-penalty = -1 is outside [0.0, 1000000.0] (test.conf: 15)
          kind = superhf, kl.coefficient = -1   | stages.p.kl.coefficient = -1 is outside [0.0, 100.0] (test.conf: 15)
          kind = superhf, kl.direction = back   | stages.p.kl.direction = "back" is not one of forward, reverse (test.conf: 15)
          kind = superhf, kl.reduction = max    | stages.p.kl.reduction = "max" is not one of mean, sum (test.conf: 15)
          kind = superhf, reference = rm        | stages.p.reference = "rm" names no stage (test.conf: 15); candidates: model, base, rl
          kind = dpo, label-smoothing = 0.5      | stages.p.label-smoothing = 0.5 is outside [0.0, 0.499] (test.conf: 15)
          """)
  void saysInOneSentenceWhatIsWrong(String stage, String sentence) {
    List<String> problems = Recipes.problems(with(stage));
    assertTrue(problems.contains(sentence), () -> String.join("\n", problems));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          templates = ["a{prompt}"]               | stages.p.templates = ["a{prompt}"] must be two or more different texts (test.conf: 15)
          templates = ["{prompt}", "{prompt}"]    | stages.p.templates = ["{prompt}","{prompt}"] must be two or more different texts (test.conf: 15)
          templates = ["{prompt}", "a"]           | stages.p.templates = ["{prompt}","a"] holds "a", in which {prompt} is not once (test.conf: 15)
          queries = 10                            | stages.p.templates is missing (test.conf: 15); set it to a list of texts, such as [a, b]
          samples = 2                             | stages.p.samples = 2 (test.conf: 15) would be the same text each time when stages.p.temperature = 0 (reference.conf: N); choose 1 sample or a temperature above 0
          queries = 1                             | stages.p.queries = 1 is outside [2, 10000000] (test.conf: 15)
          held-out-share = 1                      | stages.p.held-out-share = 1 is outside [0.01, 0.99] (test.conf: 15)
          features = 0                            | stages.p.features = 0 is outside [1, 1000] (test.conf: 15)
          ridge = 0                               | stages.p.ridge = 0 is outside [1.0E-9, 1000.0] (test.conf: 15)
          max-tokens = 32                         | stages.p.max-tokens = 32 (test.conf: 15) leaves no room for a prompt in model.context = 32 (test.conf: 7); choose less than 32
          """)
  void saysWhatIsWrongWithASelectionOfPrompts(String settings, String sentence) {
    String stage =
        "{ name = p, kind = prompt-selection, from = base, max-tokens = 8, " + settings + " }";
    List<String> problems =
        Recipes.problems(Recipes.SMALL.replaceAll("]\n$", "  " + stage + "\n]\n")).stream()
            .map(
                problem ->
                    problem.replaceAll(
                        "(reference|[a-z-]+-defaults).conf: \\d+", "reference.conf: N"))
            .toList();
    assertTrue(problems.contains(sentence), () -> String.join("\n", problems));
  }

  @Test
  void everyStageThatGivesTokenRewardsCanShape() {
    String shaped =
        with("kind = tdpo, variant = tdpo1")
            .replaceAll(
                "]\n$",
                "{ name = s, kind = grpo, from = base, steps = 1, prompts = 1, group-size = 2,"
                    + " shaping { kind = rto, model = p } }\n]\n");
    assertEquals(4, Recipes.parse(shaped).stages().size());
    assertEquals(
        List.of(
            "stages.s.shaping.model = \"p\" is a stage of kind pro, not dpo or tdpo (test.conf:"
                + " 16); put a dpo or tdpo stage before this one"),
        Recipes.problems(shaped.replace("kind = tdpo, variant = tdpo1", "kind = pro")));
  }
}
