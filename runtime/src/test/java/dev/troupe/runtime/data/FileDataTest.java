package dev.troupe.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.settings.DataSettings;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDataTest {
  private static final String RECIPE =
      """
      name = own
      data { %s }
      model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 16, context = 32 }
      tokenizer { kind = bytes }
      optimizer { learning-rate = 1e-3 }
      sampling { max-tokens = 8 }
      stages = [ { name = s, from = model, steps = 1, %s } ]
      """;
  private static final String SFT = "kind = sft, batch = 1";

  @TempDir private Path folder;

  @Test
  void readsJsonLinesCsvAndParquetAlike() throws Exception {
    write("a.jsonl", "{\"q\": \"1+1\", \"n\": 2, \"l\": [1, 0.10]}");
    write("b.csv", "q,n,l", "\"1+1\",2,\"[1,0.10]\"");
    sql("copy (select '1+1' as q, 2 as n, [1, 0.10] as l) to '%s' (format parquet)", "c.parquet");
    for (String file : List.of("a.jsonl", "b.csv", "c.parquet")) {
      TaskData data =
          task("path = " + file + ", prompt = \"{q}=\", answer = \"{n}\", held-out = 0");
      Example example = data.train().get(0);
      assertEquals("1+1=", example.prompt(), file);
      assertEquals("2", example.answer(), file);
      assertEquals(Set.of("q", "n", "l"), example.fields().keySet(), file);
      assertTrue(example.fields().get("l").startsWith("[1"), file);
      assertEquals(file + ":1", example.id());
      assertEquals(1, data.train().size());
    }
  }

  @Test
  void answersAQueryAndFindsItsFilesBesideTheRecipe() throws Exception {
    write(
        "one.jsonl",
        "{\"question\": \"b\", \"answer\": \"2\"}",
        "{\"question\": \"a\", \"answer\": \"1\"}");
    TaskData data =
        task(
            "query = \"select question as prompt, answer from 'one.jsonl' order by prompt;\", held-out = 0");
    assertEquals("a", data.train().get(0).prompt());
    assertEquals("1", data.train().get(0).answer());
    assertEquals("query:2", data.train().get(1).id());
  }

  @Test
  void readsTheFilesOfAPatternInTheOrderOfTheirNames() throws Exception {
    Files.createDirectories(folder.resolve("deep/er"));
    write("deep/b.jsonl", "{\"prompt\": \"b\"}");
    write("deep/a.jsonl", "{\"prompt\": \"a\"}");
    write("deep/er/c.jsonl", "{\"prompt\": \"c\"}");
    assertEquals(List.of("a", "b"), prompts(task("path = \"deep/*.jsonl\", held-out = 0").train()));
    assertEquals(
        List.of("a", "b", "c"), prompts(task("path = \"deep/**.jsonl\", held-out = 0").train()));
    assertNull(task("path = \"deep/*.jsonl\", held-out = 0").train().get(0).answer());
  }

  @Test
  void rendersChatMessagesAndTakesTheLastAnswer() throws Exception {
    write(
        "chat.jsonl",
        "{\"messages\": [{\"role\": \"system\", \"content\": \"S\"}, {\"role\": \"user\", \"content\": \"U\"},"
            + " {\"role\": \"assistant\", \"content\": \"A\"}]}",
        "{\"messages\": [{\"from\": \"human\", \"value\": \"V\"}]}");
    PromptSource train =
        task("path = chat.jsonl, messages = messages, held-out = 0,"
                + " turns { system = \"[{content}]\", user = \"<{content}>\", open = \":\" }")
            .train();
    assertEquals("[S]<U>:", train.get(0).prompt());
    assertEquals("A", train.get(0).answer());
    assertEquals("<V>:", train.get(1).prompt());
    assertNull(train.get(1).answer());
  }

  @Test
  void saysFileLineAndFieldOfEveryBadRow() throws Exception {
    write(
        "a.jsonl",
        "{\"prompt\": \"p\", \"level\": 1}",
        "{\"level\": \"x\", \"prompt\": \"q\"}",
        "{\"level\": 1}",
        "no");
    write("b.csv", "prompt,level", "p,1", "q,", "r,high");
    String keys = "curriculum.by = level";
    assertEquals(
        List.of(
            "a.jsonl:2: the field \"level\" is \"x\", which is not a number",
            "a.jsonl:3: The template uses an unknown field {prompt}; known are: level.",
            "a.jsonl:4: it is not valid JSON: Unrecognized token 'no': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            "b.csv, row 2: the field \"level\" is missing; there are: prompt",
            "b.csv, row 3: the field \"level\" is \"high\", which is not a number"),
        problems("path = [a.jsonl, b.csv], " + keys));
    List<String> query = problems("query = \"select nothing from 'b.csv'\"");
    assertTrue(query.get(0).startsWith("data.query: Binder Error"), query.toString());
    assertTrue(query.get(0).contains("nothing"), query.toString());
    List<String> row = problems("query = \"select level as prompt from 'b.csv'\"");
    assertEquals(
        "data.query, row 2: The template uses an unknown field {prompt}; known are: none.",
        row.get(0));
  }

  @Test
  void refusesANameThatTwoRowsHave() throws Exception {
    write("a.jsonl", "{\"prompt\": \"p\", \"key\": 1}", "{\"prompt\": \"q\", \"key\": 1}");
    assertEquals(
        List.of("a.jsonl:2: the id \"1\" is already that of a.jsonl:1"),
        problems("path = a.jsonl, id = key"));
  }

  @Test
  void passesOverRowsThatAreTooLongAndSaysWhenNothingIsLeft() throws Exception {
    write(
        "a.jsonl",
        "{\"prompt\": \"four\", \"answer\": \"x\"}",
        "{\"prompt\": \"longer\", \"answer\": \"x\"}",
        "{\"prompt\": \"five5\", \"answer\": \"too long\"}",
        "{\"prompt\": \"abc\"}");
    String bounds = "path = a.jsonl, held-out = 0, min-prompt-tokens = 4, max-answer-tokens = 3, ";
    assertEquals(List.of("four", "longer"), prompts(task(bounds).train()));
    assertEquals(List.of("four"), prompts(task(bounds + "max-prompt-tokens = 5").train()));
    assertEquals(
        List.of(
            "data has no row left to train on: 4 were read, 0 passed over for their length, and held-out = 1000"),
        problems("path = a.jsonl"));
  }

  @Test
  void holdsOutTheSamePromptsAsOtherTasks() throws Exception {
    var lines = new ArrayList<String>();
    for (int i = 0; i < 50; i++) {
      lines.add("{\"prompt\": \"p" + i % 40 + "\", \"answer\": \"" + i + "\"}");
    }
    write("a.jsonl", lines.toArray(String[]::new));
    TaskData data = task("path = a.jsonl, held-out = 7");
    TaskData old =
        TaskCatalog.standard()
            .create(
                ConfigFactory.parseString(
                    "kind = json-lines, template = \"{prompt}\", answer = \"{answer}\", held-out = 7, path = \""
                        + folder.resolve("a.jsonl")
                        + "\""),
                1);
    assertEquals(prompts(old.heldOut()), prompts(data.heldOut()));
    assertEquals(prompts(old.train()), prompts(data.train()));
  }

  @Test
  void keepsTheSharesOfAMixtureInEveryThousandRows() throws Exception {
    write("a.jsonl", "{\"prompt\": \"a\"}");
    write("b.jsonl", "{\"q\": \"b1\"}", "{\"q\": \"b2\"}", "{\"q\": \"b3\"}");
    PromptSource train =
        task("held-out = 0, sources = [ { path = a.jsonl }, { path = b.jsonl, weight = 3, prompt = \"{q}\" } ]")
            .train();
    ExampleOrder order = train.order(5);
    for (int block = 0; block < 3; block++) {
      Map<String, Integer> counts = new HashMap<>();
      for (int p = 0; p < 1000; p++) {
        counts.merge(train.get(order.index(block * 1000L + p)).prompt(), 1, Integer::sum);
      }
      assertEquals(Map.of("a", 250, "b1", 250, "b2", 250, "b3", 250), counts);
    }
    // A position can be looked up alone, in any order, and another seed gives another stream.
    assertEquals(order.index(2_345), train.order(5).index(2_345));
    ExampleOrder other = train.order(6);
    assertTrue(LongStream.range(0, 1000).anyMatch(p -> order.index(p) != other.index(p)));
  }

  @Test
  void roundsSharesToThousandthsAndForgetsNoSource() {
    assertEquals(List.of(333, 333, 334), sorted(Mixture.places(new double[] {1, 1, 1})));
    assertEquals(List.of(1, 999), sorted(Mixture.places(new double[] {1e-9, 1})));
    assertEquals(List.of(1, 1, 998), sorted(Mixture.places(new double[] {1e-6, 1, 1e-6})));
  }

  private static List<Integer> sorted(int[] values) {
    return Arrays.stream(values).sorted().boxed().toList();
  }

  @Test
  void leadsFromEasyToHardAndThenShuffles() throws Exception {
    var lines = new ArrayList<String>();
    for (int i = 0; i < 20; i++) {
      lines.add("{\"prompt\": \"p" + i + "\", \"level\": " + (19 - i) + "}");
    }
    write("a.jsonl", lines.toArray(String[]::new));
    PromptSource train =
        task("path = a.jsonl, held-out = 0, curriculum { by = level, parts = 4, passes = 2 }")
            .train();
    ExampleOrder order = train.order(3);
    for (int pass = 0; pass < 2; pass++) {
      for (int part = 0; part < 4; part++) {
        Set<String> levels = new HashSet<>();
        for (int i = 0; i < 5; i++) {
          levels.add(train.get(order.index(pass * 20L + part * 5 + i)).fields().get("level"));
        }
        Set<String> wanted = new HashSet<>();
        for (int i = 0; i < 5; i++) {
          wanted.add("" + (part * 5 + i));
        }
        assertEquals(wanted, levels, "pass " + pass + " part " + part);
      }
    }
    Set<Integer> third = new HashSet<>();
    List<Integer> levels = new ArrayList<>();
    for (int i = 40; i < 60; i++) {
      third.add(order.index(i));
      levels.add(Integer.parseInt(train.get(order.index(i)).fields().get("level")));
    }
    assertEquals(20, third.size());
    assertTrue(levels.subList(0, 5).stream().anyMatch(level -> level >= 5), levels.toString());
    PromptSource turned =
        task("path = a.jsonl, held-out = 0, curriculum { by = level, hardest-first = true, parts = 20 }")
            .train();
    assertEquals("19", turned.get(turned.order(1).index(0)).fields().get("level"));
  }

  @Test
  void cutsAnyNumberOfRowsIntoPartsOfNearlyEqualSize() {
    for (int size = 1; size < 30; size++) {
      for (int parts = 1; parts < 35; parts++) {
        double[] difficulty = new double[size];
        for (int i = 0; i < size; i++) {
          difficulty[i] = i;
        }
        var order = new Curriculum(difficulty, false, parts, 1, 9);
        Set<Integer> seen = new HashSet<>();
        for (int p = 0; p < size; p++) {
          int index = order.index(p);
          seen.add(index);
          int most = (size + Math.min(parts, size) - 1) / Math.min(parts, size);
          assertTrue(Math.abs(index - p) < most, size + " rows, " + parts + " parts");
        }
        assertEquals(size, seen.size());
      }
    }
  }

  @Test
  void readsPairsRankingsAndLabels() throws Exception {
    write("pairs.jsonl", "{\"prompt\": \"p\", \"chosen\": \"good\", \"rejected\": \"bad\"}");
    Comparison pair = comparisons("kind = dpo, prompts = 1, data { path = pairs.jsonl }").get(0);
    assertEquals("p", pair.prompt());
    assertEquals(List.of("good", "bad"), texts(pair));
    assertTrue(pair.candidates().get(0).reward() > pair.candidates().get(1).reward());

    write("ranked.jsonl", "{\"prompt\": \"p\", \"r\": [\"a\", \"b\", \"c\"]}");
    Comparison ranking =
        comparisons(
                "kind = pro, prompts = 1, group-size = 3, data { path = ranked.jsonl, ranking = r }")
            .get(0);
    assertEquals(List.of(2.0, 1.0, 0.0), rewards(ranking));

    sql(
        "copy (select 'p' as prompt, ['a','b'] as completions, [0.5, 2] as rewards) to '%s' (format parquet)",
        "r.parquet");
    Comparison rewarded =
        comparisons(
                "kind = pro, prompts = 1, group-size = 2, data { path = r.parquet, completions = completions }")
            .get(0);
    assertEquals(List.of(0.5, 2.0), rewards(rewarded));

    write("labels.csv", "prompt,completion,honest,kind", "p,c,0.25,1", "q,d,1,0");
    Comparison labelled =
        comparisons(
                "kind = reward-model, objective = regression, prompts = 1,"
                    + " data { path = labels.csv, labels = [honest, kind], held-out = 1 }")
            .get(0);
    assertEquals(2, labelled.candidates().get(0).labels().size());
    assertEquals(
        List.of("honest", "kind"), List.copyOf(labelled.candidates().get(0).labels().keySet()));
  }

  @Test
  void readsPairsOfWholeConversations() throws Exception {
    write(
        "pairs.jsonl",
        "{\"chosen\": [{\"role\": \"user\", \"content\": \"U\"}, {\"role\": \"assistant\", \"content\": \"good\"}],"
            + " \"rejected\": [{\"role\": \"user\", \"content\": \"U\"}, {\"role\": \"assistant\", \"content\": \"bad\"}]}");
    Comparison pair =
        comparisons(
                "kind = dpo, prompts = 1, data { path = pairs.jsonl, turns { user = \"<{content}>\", open = \":\" } }")
            .get(0);
    assertEquals("<U>:", pair.prompt());
    assertEquals(List.of("good", "bad"), texts(pair));
  }

  @Test
  void saysWhatIsWrongWithAList() throws Exception {
    write(
        "bad.jsonl",
        "{\"prompt\": \"p\", \"c\": [\"a\"], \"rewards\": [1]}",
        "{\"prompt\": \"p\", \"c\": \"a\", \"rewards\": [1]}",
        "{\"prompt\": \"p\", \"c\": [\"a\", 3], \"rewards\": [1, 2]}",
        "{\"prompt\": \"p\", \"c\": [\"a\", \"b\"], \"rewards\": [1]}",
        "{\"prompt\": \"p\", \"c\": [\"a\", \"b\"], \"rewards\": [1, \"x\"]}");
    RunSettings settings =
        recipe(
            "path = bad.jsonl, prompt = \"p\"",
            "kind = pro, prompts = 1, group-size = 2, data { path = bad.jsonl, completions = c }");
    var error =
        assertThrows(
            DataException.class,
            () -> FileData.stage(settings.stageData().get("s"), "stages.s.data", String::length));
    assertEquals(
        List.of(
            "bad.jsonl:1: the field \"c\" has 1 texts, and a comparison needs at least 2",
            "bad.jsonl:2: the field \"c\" is not a list",
            "bad.jsonl:3: the field \"c\" holds 3, which is not a text",
            "bad.jsonl:4: the field \"rewards\" has 1 numbers for the 2 texts of \"c\"",
            "bad.jsonl:5: the field \"rewards\" holds \"x\", which is not a number"),
        error.problems());
  }

  private static List<String> texts(Comparison row) {
    return row.candidates().stream().map(Comparison.Candidate::text).toList();
  }

  private static List<Double> rewards(Comparison row) {
    return row.candidates().stream().map(Comparison.Candidate::reward).toList();
  }

  private static List<String> prompts(PromptSource source) {
    var prompts = new ArrayList<String>();
    for (int i = 0; i < source.size(); i++) {
      prompts.add(source.get(i).prompt());
    }
    return prompts;
  }

  private TaskData task(String keys) throws IOException {
    DataSettings settings = recipe(keys, SFT).data().orElseThrow();
    return FileData.task(settings, String::length);
  }

  private List<String> problems(String keys) {
    return assertThrows(DataException.class, () -> task(keys)).problems();
  }

  private Rows<Comparison> comparisons(String stage) throws IOException {
    write("any.jsonl", "{\"prompt\": \"p\"}");
    RunSettings settings = recipe("path = any.jsonl", stage);
    return FileData.stage(settings.stageData().get("s"), "stages.s.data", String::length)
        .comparisons();
  }

  private RunSettings recipe(String data, String stage) throws IOException {
    return Recipe.load(
        Files.writeString(folder.resolve("own.conf"), RECIPE.formatted(data, stage)));
  }

  private void write(String name, String... lines) throws IOException {
    Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  private void sql(String text, String file) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement()) {
      statement.execute(text.formatted(folder.resolve(file)));
    }
  }
}
