package dev.troupe.runtime.settings;

import static dev.troupe.runtime.settings.Recipes.problems;
import static dev.troupe.runtime.settings.Recipes.problemsAfter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person reads after a mistake in a recipe. */
class RecipeMistakesTest {
  @Test
  void acceptsTheRecipeThatTheOtherTestsBreak() {
    assertEquals("small", Recipes.small().name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          steps = 10, batch     | stpes = 10, batch    | stages.base.steps is missing (test.conf: 13); set it to a whole number in [0, 10000000]
          group-size = 2        | group-size = 1       | stages.rl.group-size = 1 is outside [2, 1024] (test.conf: 14)
          group-size = 2        | group-size = two     | stages.rl.group-size = "two" is not a whole number in [2, 1024] (test.conf: 14)
          kv-heads = 2          | kv-heads = 3         | model.kv-heads = 3 (test.conf: 6) does not divide model.heads = 4 (test.conf: 6); choose a divisor
          width = 128           | width = 124          | model.width = 124 (test.conf: 5) is not a multiple of 2 x model.heads = 4 (test.conf: 6); change one of them or set head-size
          width = 128           | width = 128, head-size = 5 | model.head-size = 5 is odd (test.conf: 5); rotary positions turn pairs, so choose an even size
          family = llama        | family = lama        | model.family = "lama" is not one of llama, qwen2, qwen3 (test.conf: 5); did you mean llama?
          family = llama        | family = llama, q-k-norm = true | model.q-k-norm = true (test.conf: 5) must be false when model.family = "llama" (test.conf: 5)
          family = llama        | family = qwen2, attention-bias = false | model.attention-bias = false (test.conf: 5) must be true when model.family = "qwen2" (test.conf: 5)
          family = llama        | path = x             | model.width = 128 (test.conf: 5) has no effect when model.path = "x" (test.conf: 5); remove it
          kind = characters, alphabet = "0123456789" | kind = model | tokenizer.kind = "model" (test.conf: 9) needs a trained model, but there is model.family = "llama" (test.conf: 5); choose characters or bytes, or set model.path
          alphabet = "0123456789" | alphabet = "00"    | tokenizer.alphabet = "00" has a character twice (test.conf: 9); write each once
          kind = characters     | kind = bytes         | tokenizer.alphabet = "0123456789" (test.conf: 9) has no effect when tokenizer.kind = "bytes" (test.conf: 9); remove it
          max-tokens = 8        | max-tokens = 32      | stages.rl.sampling.max-tokens = 32 (test.conf: 11) leaves no room for a prompt in model.context = 32 (test.conf: 7); choose less than 32
          max-tokens = 8        | max-tokens = 8, temperature = 0 | stages.rl.sampling.temperature = 0 is outside [0.01, 10.0] (test.conf: 11)
          from = base           | from = bse           | stages.rl.from = "bse" names no stage (test.conf: 14); candidates: model, base; did you mean base?
          from = model          | from = rl            | stages.base.from = "rl" names a stage that does not come before this one (test.conf: 13); candidates: model
          prompts = 4           | prompts = 4, shaping { kind = rto, model = base } | stages.rl.shaping.model = "base" is a stage of kind sft, not dpo or tdpo (test.conf: 14); put a dpo or tdpo stage before this one
          prompts = 4           | prompts = 4, mini-batches = 3 | stages.rl.mini-batches = 3 (test.conf: 14) does not divide stages.rl.prompts = 4 (test.conf: 14); choose a divisor
          prompts = 4           | prompts = 4, dual-clip = 0.5  | stages.rl.dual-clip = 0.5 would clip even a ratio of 1 (test.conf: 14); choose 0 (off) or more than 1
          prompts = 4           | prompts = 4, kl.estimator = k1 | stages.rl.kl.estimator = "k1" (test.conf: 14) restrains nothing when stages.rl.kl.place = "loss" (reference.conf: N), for its gradient is 0 in expectation; choose k2 or k3, or place = reward
          kind = grpo           | kind = ppo, kl.ratio-weighted = true | stages.rl.kl.ratio-weighted = true (test.conf: 14) is about the loss, but stages.rl.kl.place = "reward" (reference.conf: N); set it to false
          prompts = 4           | prompts = 4, kl.place = reward | stages.rl.kl.estimator = "k3" (reference.conf: N) has the gradient of another divergence when stages.rl.kl.place = "reward" (test.conf: 14); choose k1, or place = loss
          prompts = 4           | prompts = 4, correction.kind = tis | stages.rl.correction.kind = "tis" (test.conf: 14) would correct twice, for the ratio is already taken against who sampled when stages.rl.old-policy = "sampled" (reference.conf: N); choose old-policy = recomputed
          prompts = 4           | prompts = 4, loss = gspo | stages.rl.aggregation = "token-mean" (reference.conf: N) weighs completions by their length, but stages.rl.loss = "gspo" (test.conf: 14) has one loss for each; choose sequence-mean-token-mean
          kind = grpo           | kind = gspo, advantage = return | stages.rl.loss = "gspo" (reference.conf: N) needs one advantage for a whole completion, but stages.rl.advantage = "return" (test.conf: 14); choose clip or cispo
          kind = grpo           | kind = salsa | stages.rl.reference is missing (test.conf: 14); set it to a text
          kind = grpo           | kind = rto | stages.rl.shaping.model is missing (test.conf: 14); set it to a text
          prompts = 4           | prompts = 4, overlong.buffer = 8 | stages.rl.overlong.buffer = 8 is no part of the 8 tokens that a completion may have (test.conf: 14); choose less than sampling.max-tokens
          prompts = 4           | prompts = 4, entropy.target = 1 | stages.rl.entropy.target = 1 (test.conf: 14) has no effect when stages.rl.entropy.coefficient = 0 (reference.conf: N); raise the coefficient
          prompts = 4           | prompts = 4, filtration.strategy = best-of-n | stages.rl.advantage = "normalised" (reference.conf: N) compares the completions of a prompt, but filtration keeps one of them; choose another filtration.strategy, or advantage = gae
          kind = grpo           | kind = ppo-max, epochs = 2   | stages.rl.epochs = 2 (test.conf: 14) are not the passes of the critic, 1, with which critic.gradient-clip = joint clips the policy's gradient; choose the same for both, or separate
          prompts = 4           | prompts = 4, staleness = 9    | stages.rl.staleness = 9 is outside [0, 8] (test.conf: 14)
          prompts = 4           | prompts = 4, reference-update { kind = ema, every = 1 } | stages.rl.reference-update.rate is missing (test.conf: 14); set it to a number in [0.0, 1.0]
          prompts = 4           | prompts = 4, reference-update.every = 1 | stages.rl.reference-update.every = 1 (test.conf: 14) has no effect when stages.rl.reference-update.kind = "fixed" (reference.conf: N); remove it
          prompts = 4           | prompts = 4, deadlines.train = 60 | stages.rl.deadlines.train = 60 is not a duration with its unit, such as 90s or 10m (test.conf: 14)
          prompts = 4           | prompts = 4, optimizer.lora.alpha = 8 | stages.rl.optimizer.lora.rank is missing (test.conf: 14); set it to a whole number in [1, 1024]
          prompts = 4           | prompts = 4, optimizer.betas = [0.9] | stages.rl.optimizer.betas = [0.9] must be two numbers, such as [0.9, 0.95] (test.conf: 14)
          name = rl             | name = base          | stages.1.name = "base" (test.conf: 14) is taken by stages.0.name = "base" (test.conf: 13); choose another name
          name = rl             | name = model         | stages.model.name = "model" stands for the starting weights (test.conf: 14); choose another name
          kind = grpo           | kind = gpro          | stages.rl.kind = "gpro" is not one of cispo, dapo, dpo, dr-grpo, essa, grpo, gspo, ppo, ppo-max, pro, prompt-selection, reinforce-plus-plus, reinforce-plus-plus-baseline, reward-model, rloo, rto, salsa, sft, soup, superhf, tdpo (test.conf: 14); did you mean grpo?
          name = small          | name = a/b           | name = "a/b" must be at most 64 letters, digits, dots, hyphens and underscores (test.conf: 1)
          name = small          | name = small, generators = 0 | generators = 0 is outside [1, 64] (test.conf: 1)
          name = small          | name = small, reward-attempts = 101 | reward-attempts = 101 is outside [1, 100] (test.conf: 1)
          name = base           | name = base, deadlines.train = 60 | stages.base.deadlines.train = 60 is not a duration with its unit, such as 90s or 10m (test.conf: 13)
          name = small          | name = small, device = gpu | device = "gpu" must be cpu, or cuda:N for the GPU of index N (test.conf: 1)
          name = small          | name = small, evaluate { stages = [bse] } | evaluate.stages = ["bse"] holds "bse", which names no stage (test.conf: 1); candidates: model, base, rl; did you mean base?
          name = small          | name = small, evaluate.samples = 4 | evaluate.samples = 4 (test.conf: 1) would be the same text each time when evaluate.temperature = 0 (reference.conf: N); choose 1 sample or a temperature above 0
          name = small          | name = small, evaluate { stages = [rl], reward-model = base } | evaluate.reward-model = "base" is a stage of kind sft, not reward-model (test.conf: 1); put a reward-model stage before this one
          name = small          | name = small, evaluate { stages = [rl], filters = [best-worst] } | evaluate.filters = ["best-worst"] are compared by the scores of a reward model, and none is named (test.conf: 1); set evaluate.reward-model to a reward-model stage
          name = small          | name = small, evaluate { stages = [rl], filters = [bw] } | evaluate.filters = ["bw"] must be some of none, best-of-n, best-random, best-worst, power (test.conf: 1)
          name = small          | name = small, evaluate { stages = [rl], reference = base } | evaluate.reference = "base" (test.conf: 1) is a distance between distributions, and there is none when evaluate.temperature = 0 (reference.conf: N); choose a temperature above 0
          kind = exact-match, w | w                    | reward.0.kind is missing (test.conf: 3); set it to a text
          """)
  void saysInOneSentenceWhatIsWrong(String old, String replacement, String sentence) {
    List<String> problems =
        problemsAfter(old, replacement).stream()
            .map(
                problem ->
                    problem.replaceAll(
                        "(reference|[a-z-]+-defaults).conf: \\d+", "reference.conf: N"))
            .toList();
    assertTrue(problems.contains(sentence), () -> String.join("\n", problems));
  }

  @Test
  void sendsATypoToTheKeyThatWasMeant() {
    assertEquals(
        List.of(
            "stages.base.steps is missing (test.conf: 13); set it to a whole number in"
                + " [0, 10000000]",
            "stages.base.stpes is not a known key (test.conf: 13); did you mean steps?"),
        problemsAfter("steps = 10", "stpes = 10"));
  }

  @Test
  void reportsSeveralMistakesAtOnceInTheOrderOfTheLines() {
    String broken =
        Recipes.SMALL
            .replace("width = 128", "width = 4")
            .replace("heads = 4,", "heads = four,")
            .replace("batch = 8", "batch = 0")
            .replace("group-size = 2", "group-size = 2, temperature = 0.5");
    assertEquals(
        List.of(
            "model.width = 4 is outside [8, 65536] (test.conf: 5)",
            "model.heads = \"four\" is not a whole number in [1, 1024] (test.conf: 6)",
            "stages.base.batch = 0 is outside [1, 1000000] (test.conf: 13)",
            "stages.rl.temperature is not a known key (test.conf: 14); did you mean"
                + " stages.rl.sampling.temperature?"),
        problems(broken));
  }

  @Test
  void reportsAMistakeInASharedSectionOnce() {
    assertEquals(
        List.of(
            "stages.base.optimizer.learning-rte is not a known key (test.conf: 10); did you mean"
                + " learning-rate?"),
        problemsAfter("learning-rate = 1e-3", "learning-rate = 1e-3, learning-rte = 1"));
  }

  @Test
  void missesAKeyInTheStageWhoseSectionIsAllDefaults() {
    assertEquals(
        List.of(
            "stages.rl.sampling.max-tokens is missing (test.conf: 14); set it to a whole number in"
                + " [1, 1000000]"),
        problemsAfter("sampling { max-tokens = 8 }", ""));
  }

  @Test
  void missesAKeyOfASharedSectionOnce() {
    assertEquals(
        List.of(
            "stages.base.optimizer.learning-rate is missing (test.conf: 10); set it to a number in"
                + " [0.0, 1.0]"),
        problemsAfter("learning-rate = 1e-3", "floor = 0"));
  }

  @Test
  void reportsTheSameMistakeOfTwoStagesOnOneLineTwice() {
    String oneLine = Recipes.SMALL.replace("batch = 8 }\n", "batch = 8 },");
    assertEquals(
        2, problems(oneLine.replace("steps = 10, ", "").replace("steps = 5, ", "")).size());
  }

  @Test
  void namesWhatAnEmptyRecipeLacks() {
    assertEquals(
        List.of(
            "name is missing (test.conf: 1); set it to a text",
            "model is missing (test.conf: 1); set it to a section { ... }",
            "tokenizer is missing (test.conf: 1); set it to a section { ... }",
            "stages is missing (test.conf: 1); set it to a list of sections [ { ... }, { ... } ]",
            "task is missing (test.conf: 1); set it to a section { ... }"),
        problems(""));
  }

  @Test
  void refusesOtherTypesInPlaceOfSections() {
    List<String> problems = problems("stages = 5\noptimizer = 3\nmodel = []\nsampling = x");
    assertTrue(problems.contains("optimizer = 3 is not a section { ... } (test.conf: 2)"));
    assertTrue(problems.contains("model = [] is not a section { ... } (test.conf: 3)"));
    assertTrue(problems.contains("sampling = \"x\" is not a section { ... } (test.conf: 4)"));
    assertTrue(
        problems.contains(
            "stages = 5 is not a list of sections [ { ... }, { ... } ] (test.conf: 1)"));
  }

  @Test
  void wantsARewardWhereOneIsNeeded() {
    String without = Recipes.SMALL.replace("reward = [ { kind = exact-match, weight = 1 } ]", "");
    assertEquals(
        List.of(
            "reward is missing (test.conf: 1); set it to a list of sections [ { ... }, { ... } ]"),
        problems(without));
    String supervised =
        without.lines().filter(l -> !l.contains("grpo")).reduce("", (a, b) -> a + b + "\n");
    assertEquals(List.of(), Recipes.parse(supervised).reward());
  }

  @Test
  void wantsSoupsOfTwoStagesWithSharesThatAddUp() {
    String soup = "prompts = 4, group-size = 2 }\n { name = s, kind = soup, of = [base, rl]";
    String old = "prompts = 4, group-size = 2";
    assertEquals(
        List.of(
            "stages.s.weights = [0.5,0.4] adds up to 0.9 (test.conf: 15); the shares must add up"
                + " to 1"),
        problemsAfter(old, soup + ", weights = [0.5, 0.4]"));
    assertEquals(
        List.of(
            "stages.s.weights = [1] (test.conf: 15) has not one number for each stage of"
                + " stages.s.of = [\"base\",\"rl\"] (test.conf: 15)"),
        problemsAfter(old, soup + ", weights = [1]"));
    assertEquals(
        List.of(
            "stages.s.of = [\"base\",\"base\"] must name at least two different stages (test.conf:"
                + " 15)"),
        problemsAfter(old, soup.replace("rl]", "base]")));
  }

  @Test
  void placesASyntaxError() {
    assertEquals(
        List.of(
            "the recipe cannot be read at test.conf: 2: unexpected end of file; look for a missing"
                + " value or an unclosed brace or bracket"),
        problems("model {\n"));
    assertEquals(
        List.of(
            "the recipe cannot be read at test.conf: 2: unexpected ','; look for a missing value or"
                + " an unclosed brace or bracket"),
        problems("a = 1\nmodel { b = 1,, c = 2 }"));
  }

  @Test
  void passesOnWhatTheLibrarySaysOfOtherSyntaxErrors() {
    List<String> problems = problems("name = x\ndevice = cuda:0");
    assertEquals(1, problems.size());
    assertTrue(problems.get(0).startsWith("the recipe cannot be read at test.conf: 2: "));
    assertTrue(problems.get(0).contains("try enclosing the key or value in double quotes"));
  }

  @Test
  void placesASubstitutionOfNothing() {
    assertEquals(
        List.of(
            "the recipe cannot be read at test.conf: 1: Could not resolve substitution to a value:"
                + " ${nothing}"),
        problems("name = ${nothing}"));
  }

  @Test
  void saysThatARecipeIsNotThere(@TempDir Path folder) {
    Path absent = folder.resolve("absent.conf");
    for (Path file : List.of(absent, folder)) {
      assertEquals(
          "recipe "
              + file
              + " is not a readable file; give the path of a recipe, such as"
              + " cluster-config/recipes/quickstart.conf",
          assertThrows(SettingsException.class, () -> Recipe.load(file)).getMessage());
    }
  }

  @Test
  void namesTheFileOfAnIncludedMistake(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("shared.conf"), "\nthreads = -1");
    Path recipe = folder.resolve("main.conf");
    Files.writeString(recipe, "include \"shared.conf\"\n" + Recipes.SMALL);
    assertEquals(
        "threads = -1 is outside [0, 1024] (shared.conf: 2)",
        assertThrows(SettingsException.class, () -> Recipe.load(recipe)).getMessage());
  }

  /** Every value and every section of the longest recipe in turn becomes something else. */
  @Test
  void neverFailsInAnyOtherWay() {
    Path quickstart = Recipes.folder().resolve("quickstart.conf");
    Set<String> keys = new TreeSet<>();
    for (String leaf : Recipe.load(quickstart).resolved().leaves().keySet()) {
      for (int end = leaf.length(); end > 0; end = leaf.lastIndexOf('.', end - 1)) {
        keys.add(leaf.substring(0, end));
      }
    }
    int refused = 0;
    for (String key : keys) {
      for (String value : List.of("a\u0000b", "-1", "[7]", "{ a = 1 }", "null")) {
        try {
          Recipe.load(quickstart, List.of(key + "=" + value));
        } catch (SettingsException e) {
          refused++;
        } catch (RuntimeException e) {
          fail(key + "=" + value, e);
        }
      }
    }
    assertTrue(refused > 3 * keys.size(), refused + " of 5 x " + keys.size());
  }

  @Test
  void refusesCompletionsThatDoNotFitBehindTheLongestPrompt() {
    RunSettings settings = Recipes.small("evaluate.stages=[rl]");
    settings.requireRoom(24, 32); // 24 + 8 = 32
    assertEquals(
        List.of(
            "stages.rl.sampling.max-tokens = 8 (test.conf: 11) and the longest prompt of 25 tokens"
                + " exceed the model's context of 32; choose at most 7",
            "evaluate.max-tokens = 8 (test.conf: 11) and the longest prompt of 25 tokens exceed"
                + " the model's context of 32; choose at most 7"),
        assertThrows(SettingsException.class, () -> settings.requireRoom(25, 32)).problems());
  }
}
