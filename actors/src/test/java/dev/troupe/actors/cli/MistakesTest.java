package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a newcomer gets wrong: each is told in one sentence that says what, where and what to do,
 * before anything is started.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MistakesTest {
  private static final String RECIPE =
      """
      name = small
      directory = "%s"
      threads = 1
      task { kind = sort-digits, digits = 3, held-out = 100 }
      reward = [ { kind = exact-match, weight = 1 } ]
      model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 32, context = 16 }
      tokenizer { kind = characters, alphabet = "0123456789>" }
      optimizer { learning-rate = 1e-2 }
      sampling { max-tokens = 4 }
      stages = [
        { name = sft, kind = sft, from = model, steps = 1, batch = 4 }
        { name = grpo, kind = grpo, from = sft, steps = 1, prompts = 2, group-size = 2 }
      ]
      """;

  private static final String OWN_DATA =
      """
      name = own
      directory = "%s"
      threads = 1
      data { path = "rows.jsonl", held-out = 0 }
      reward = [ { kind = exact-match, weight = 1 } ]
      model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 32, context = 16 }
      tokenizer { kind = bytes }
      optimizer { learning-rate = 1e-2 }
      sampling { max-tokens = 4 }
      stages = [ { name = grpo, kind = grpo, from = model, steps = 1, prompts = 1, group-size = 2 } ]
      """;

  private final CommandLineRuns line = new CommandLineRuns();
  private Path folder;
  private Path recipe;
  private Path model;
  private ServerSocket taken;

  @BeforeAll
  void makeARunAndItsModel(@TempDir Path made) throws Exception {
    folder = made;
    recipe = write("small.conf", RECIPE.formatted(folder.resolve("run")));
    line.succeed("run", recipe, "--quiet");
    model = folder.resolve("run/checkpoints/sft/step-1");
    taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
  }

  @AfterAll
  void letThePortGo() throws IOException {
    taken.close();
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private Path rows(String name, String rows) throws IOException {
    write(name + "/rows.jsonl", rows);
    return write(name + "/own.conf", OWN_DATA.formatted(folder.resolve(name + "/run")));
  }

  /** The model with a file that is replaced, or removed when the text is null. */
  private Path spoilt(String name, String file, String text) throws IOException {
    Path copy = Files.createDirectories(folder.resolve(name));
    try (Stream<Path> files = Files.list(model)) {
      for (Path one : files.filter(Files::isRegularFile).toList()) {
        if (!one.getFileName().toString().equals(file)) {
          Files.copy(one, copy.resolve(one.getFileName()));
        }
      }
    }
    if (text != null) {
      Files.writeString(copy.resolve(file), text);
    }
    return copy;
  }

  /** What is typed, and what the sentence must say, parted by bars. */
  Stream<Arguments> mistakes() throws IOException {
    Path elsewhere = folder.resolve("elsewhere");
    String inFile = "directory=" + write("file", "no directory").resolve("run");
    String here = "directory=" + elsewhere;
    byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
    Path truncated = spoilt("truncated", "model.safetensors", null);
    Files.write(
        truncated.resolve("model.safetensors"), Arrays.copyOf(weights, weights.length - 100));
    var table = new ArrayList<Arguments>();
    table.add(
        mistake(
            "wrong path", "nowhere.conf|is not a readable file|such as", "run", "nowhere.conf"));
    table.add(mistake("wrong command", "rum|Did you mean|run|Examples", "rum"));
    table.add(mistake("unknown option", "--quite|--quiet", "run", recipe, "--quite"));
    table.add(mistake("wrong key", "sed|did you mean seed", "run", recipe, here, "sed=2"));
    table.add(
        mistake(
            "wrong type",
            "stages.grpo.steps = \"many\"|whole number in [0, ",
            "run",
            recipe,
            here,
            "stages.grpo.steps=many"));
    table.add(
        mistake(
            "outside the range",
            "sampling.temperature|0.01|10",
            "run",
            recipe,
            here,
            "sampling.temperature=-1"));
    table.add(
        mistake(
            "unknown stage",
            "from = \"stf\"|names no stage|did you mean sft?",
            "run",
            recipe,
            here,
            "stages.grpo.from=stf"));
    table.add(
        mistake(
            "later stage",
            "from = \"grpo\"|does not come before|candidates: model",
            "run",
            recipe,
            here,
            "stages.sft.from=grpo"));
    table.add(
        mistake(
            "two stages of one name",
            "name = \"sft\"|is taken by|small.conf|choose another name",
            "run",
            recipe,
            here,
            "stages.grpo.name=sft"));
    table.add(
        mistake(
            "unknown reward",
            "exact|exact-match|did you mean",
            "run",
            recipe,
            here,
            "reward=[{kind=exact-mach,weight=1}]"));
    table.add(
        mistake(
            "unknown method",
            "grop|grpo|did you mean",
            "run",
            recipe,
            here,
            "stages.grpo.kind=grop"));
    table.add(
        mistake(
            "missing brace",
            "broken.conf|cannot be read",
            "run",
            write("broken.conf", "name = x\nmodel { family = llama\n")));
    table.add(
        mistake(
            "too long for the context",
            "context of 16|choose at most",
            "run",
            recipe,
            here,
            "sampling.max-tokens=15"));
    table.add(
        mistake(
            "no such GPU", "device = cuda:7|use cpu", "run", recipe, here, "--device", "cuda:7"));
    table.add(mistake("no such directory can be", "is a file|--directory", "run", recipe, inFile));
    table.add(
        mistake(
            "another recipe's directory",
            "other settings|seed = 2|against 1|another name or directory",
            "run",
            recipe,
            "seed=2"));
    table.add(
        mistake(
            "taken port",
            taken.getLocalPort() + "|another port",
            "run",
            recipe,
            here,
            "--page",
            taken.getLocalPort()));
    table.add(
        mistake(
            "too little memory",
            "GiB|memory|smaller",
            "run",
            recipe,
            here,
            "model.width=65536",
            "model.layers=1024",
            "model.heads=64",
            "model.feed-forward=262144"));
    table.add(
        mistake(
            "no such model",
            "models/none is no directory|config.json",
            "run",
            recipe,
            here,
            "model.path=models/none"));
    table.add(
        mistake(
            "model without tokenizer",
            "tokenizer.json",
            "run",
            recipe,
            here,
            "model.path=" + spoilt("bare", "tokenizer.json", null)));
    table.add(
        mistake(
            "unreadable tokenizer",
            "tokenizer.json is not valid JSON at line 1|copy it again",
            "run",
            recipe,
            here,
            "model.path=" + spoilt("garbled", "tokenizer.json", "{ \"model\": 7")));
    table.add(
        mistake(
            "truncated weights",
            "model.safetensors|truncated|copy it again",
            "run",
            recipe,
            here,
            "model.path=" + truncated));
    table.add(
        mistake(
            "no chat template",
            "chat template|chat_template.jinja|plain prompts",
            "run",
            recipe,
            here,
            "model.path=" + model,
            "tokenizer.chat=true"));
    table.add(
        mistake(
            "a column that is not there",
            "rows.jsonl:1|{question}|known are: answer, prompt",
            "run",
            rows("column", "{\"prompt\": \"1\", \"answer\": \"2\"}\n"),
            "data.prompt={question}"));
    table.add(
        mistake(
            "a line that is not JSON",
            "rows.jsonl:2|not valid JSON",
            "run",
            rows("line", "{\"prompt\": \"1\", \"answer\": \"2\"}\n{\"prompt\": \"1\n")));
    table.add(
        mistake(
            "no file of data",
            "rows.jsonl|looked for",
            "run",
            rows("none", ""),
            "data.path=absent/rows.jsonl"));
    table.add(
        mistake("not a run directory", "is not a run directory|runs/", "explain", folder, "1"));
    table.add(
        mistake(
            "not a model to speak with",
            "neither a model directory",
            "generate",
            "--model",
            folder,
            "--prompt",
            "x"));
    return table.stream();
  }

  private static Arguments mistake(String name, String says, Object... words) {
    return arguments(name, List.of(says.split("\\|")), words);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void isToldInASentenceThatSaysWhatToDo(String name, List<String> says, Object[] words) {
    String told = line.refuse(words);

    for (String part : says) {
      assertTrue(told.contains(part), () -> name + " does not say \"" + part + "\": " + told);
    }
    assertTrue(told.lines().count() <= 5, told);
    assertFalse(Files.exists(folder.resolve("elsewhere")), "something was started");
  }

  @Test
  void mistakesInTheRecipeItsDataAndItsRewardsAreToldAtOnce() throws Exception {
    Path own = rows("both", "{\"prompt\": \"1\"\n");

    String told =
        line.refuse(
            "run", own, "sed=1", "stages.grpo.steps=-1", "reward=[{kind=exact-match,weigth=1}]");

    for (String part : List.of("sed", "stages.grpo.steps", "rows.jsonl", "weigth")) {
      assertTrue(told.contains(part), () -> part + " is not told: " + told);
    }
  }

  @Test
  void mistakesInDataAndRewardsOfASoundRecipeAreToldAtOnce() throws Exception {
    Path own = rows("data-and-reward", "{\"prompt\": \"1\"\n");

    for (String command : List.of("run", "plan")) {
      String told = line.refuse(command, own, "reward=[{kind=regex,weight=1,pattern=\"(\"}]");
      assertTrue(told.contains("rows.jsonl") && told.contains("pattern"), told);
    }
  }

  /** Everything outside of the recipe that a stage can name: its model, data, rewards. */
  private static final String MANY =
      """
      name = many
      directory = "%s"
      threads = 1
      data { path = "rows.jsonl", held-out = 0, max-prompt-tokens = 8 }
      reward = [
        { kind = java, class = com.acme.Absent, weight = 1 }
        { kind = exact-match, weight = 1 }
      ]
      model { path = "%s" }
      tokenizer { kind = model }
      optimizer { learning-rate = 1e-2 }
      sampling { max-tokens = 4 }
      stages = [
        { name = sft, kind = sft, from = model, steps = 1, batch = 4, data { path = "shown.jsonl" } }
        { name = pairs, kind = dpo, from = sft, steps = 1, prompts = 1, data { path = "pairs.csv" } }
        {
          name = dpo, kind = dpo, from = sft, steps = 1, prompts = 1, group-size = 2
          preference = [ { kind = regex, weight = 1, pattern = "(" } ]
        }
        { name = grpo, kind = grpo, from = sft, steps = 1, prompts = 1, group-size = 2 }
      ]
      """;

  private Path many(String name, String rows, Path from) throws IOException {
    write(name + "/rows.jsonl", rows);
    write(name + "/shown.jsonl", "{\"prompt\": \"1\"}\n");
    write(name + "/pairs.csv", "prompt,chosen\n1,2\n");
    return write(name + "/many.conf", MANY.formatted(folder.resolve(name + "/run"), from));
  }

  private static final List<String> OF_MANY =
      List.of("shown.jsonl:1", "{answer}", "pairs.csv", "{rejected}", "com.acme.Absent", "pattern");

  private void requireAll(String told, List<String> parts) {
    for (String part : parts) {
      assertTrue(told.contains(part), () -> part + " is not told: " + told);
    }
    assertFalse(Files.exists(folder.resolve("elsewhere")), "something was started");
  }

  @Test
  void whatAllStagesNameIsLookedAtInOneRound() throws Exception {
    Path conf = many("round", "{\"prompt\": \"1\"\n", folder.resolve("no-model"));

    for (String command : List.of("run", "plan")) {
      String told = line.refuse(command, conf);
      requireAll(told, OF_MANY);
      requireAll(told, List.of("no-model is no directory", "rows.jsonl:1"));
    }
  }

  @Test
  void aWrongKeyHidesNothingThatStagesName() throws Exception {
    Path conf = many("key", "{\"prompt\": \"1\"\n", folder.resolve("no-model"));

    String told = line.refuse("run", conf, "sed=1", "stages.grpo.steps=many");

    requireAll(told, OF_MANY);
    requireAll(told, List.of("did you mean seed", "stages.grpo.steps", "no-model", "rows.jsonl:1"));
  }

  @Test
  void aSpoiltModelHidesNeitherItsTokenizerNorTheDataNorTheDevice() throws Exception {
    Path spoilt = spoilt("spoilt", "model.safetensors", "no weights");
    Files.writeString(spoilt.resolve("tokenizer.json"), "{ \"model\": 7");
    Path conf = many("spoilt-data", "{\"prompt\": \"1\"\n", spoilt);

    String told = line.refuse("run", conf, "--device", "cuda:7");

    requireAll(told, OF_MANY);
    requireAll(
        told,
        List.of("model.safetensors", "tokenizer.json is not valid JSON", "rows.jsonl:1", "cuda:7"));
  }

  @Test
  void rowsAreCountedInTokensWhenOnlyTheRewardsAreWrong() throws Exception {
    // The model's alphabet has no letter x: counting the prompt's tokens says so.
    Path conf = many("counted", "{\"prompt\": \"x\", \"answer\": \"1\"}\n", model);

    String told = line.refuse("run", conf);

    requireAll(told, OF_MANY);
    requireAll(told, List.of("cannot encode \"x\""));
  }

  @Test
  void programsOfOneRewardAreToldTogether() {
    String told =
        line.refuse(
            "run",
            recipe,
            "directory=" + folder.resolve("elsewhere"),
            "reward=[{kind=java,class=com.acme.One,weight=1},{kind=embedding-similarity,"
                + "path=models/gone,weight=1},{kind=java,class=com.acme.Two,weight=1}]");

    requireAll(told, List.of("com.acme.One", "com.acme.Two"));
  }
}
