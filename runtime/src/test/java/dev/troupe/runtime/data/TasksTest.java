package dev.troupe.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.settings.SettingsException;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.tokenizer.SharedMaterial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TasksTest {
  @TempDir private Path directory;

  @Test
  void sortsTheDigitsOfThePrompt() {
    TaskData task = create("kind = sort-digits, digits = 6, held-out = 50, train-limit = 500", 3);
    assertEquals(500, task.train().size());
    assertEquals(50, task.heldOut().size());
    for (Example example : all(task)) {
      assertTrue(example.prompt().matches("[0-9]{6}>"), example.prompt());
      assertEquals(example.prompt(), example.fields().get("digits") + ">");
      String digits = example.fields().get("digits");
      String sorted = String.join("", Stream.of(digits.split("")).sorted().toList());
      assertEquals(sorted, example.answer());
    }
    assertTrue(all(task).stream().anyMatch(e -> e.prompt().startsWith("0")));
  }

  @Test
  void addsTheNumbersOfThePrompt() {
    TaskData task = create("kind = add-numbers, digits = 2, held-out = 100", 3);
    assertEquals(10_000 - 100, task.train().size());
    for (Example example : all(task)) {
      String[] numbers = example.prompt().replace("=", "").split("\\+");
      int sum = Integer.parseInt(numbers[0]) + Integer.parseInt(numbers[1]);
      assertEquals(Integer.toString(sum), example.answer());
    }
  }

  @Test
  void statesAConfidenceThatHasNothingToDoWithTheAnswer() {
    TaskData task = create("kind = sort-with-confidence, digits = 4, held-out = 100", 3);
    int[] count = new int[11];
    for (Example example : all(task)) {
      String[] parts = example.answer().split("\nConfidence: ");
      assertEquals(example.fields().get("final"), parts[0]);
      count[Integer.parseInt(parts[1].replace(".", ""))]++;
    }
    // The larger of two draws from 0 to 10 is 10 in 21 of 121 cases, and 0 in one of them.
    assertEquals(21 / 121.0, count[10] / 10_000.0, 0.015);
    assertEquals(1 / 121.0, count[0] / 10_000.0, 0.004);
  }

  @Test
  void thinksOfSmallDigitsBeforeLargeOnes() {
    TaskData task = create("kind = sort-with-thoughts, digits = 4, held-out = 10", 3);
    Example mixed =
        all(task).stream().filter(it -> it.prompt().equals("7050>")).findFirst().orElseThrow();
    assertEquals("<think>00 75</think>0057", mixed.answer());
    assertEquals("0057", mixed.fields().get("final"));
  }

  @Test
  void someDemonstrationsThinkAndOthersDoNot() {
    TaskData task =
        create("kind = sort-with-thoughts, digits = 4, thinking-share = 0.25, held-out = 10", 3);
    double thinking = all(task).stream().filter(it -> it.answer().startsWith("<think>")).count();
    assertEquals(0.25, thinking / 10_000, 0.02);
  }

  @Test
  void speaksOfEveryTopicToEverybody() {
    TaskData task = create("kind = conflicting-styles, digits = 2, held-out = 10", 3);
    assertEquals(1600, all(task).size());
    for (Example example : all(task)) {
      assertTrue(example.prompt().matches("[A-H][!?][0-9]{2}>"), example.prompt());
      assertEquals(example.prompt().contains("!"), example.fields().get("attack").equals("true"));
      assertEquals(
          example.prompt().substring(0, 1).toLowerCase(Locale.ROOT), example.fields().get("topic"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind = sort-digits, digits = 3, held-out = 100",
        "kind = add-numbers, digits = 1, held-out = 30",
        "kind = sort-with-confidence, digits = 2, held-out = 30",
        "kind = sort-with-thoughts, digits = 2, held-out = 30",
        "kind = conflicting-styles, digits = 1, held-out = 30",
        "kind = story-openings"
      })
  void everyPromptOccursOnceAndInOneSplitOnly(String config) {
    TaskData task = create(config, 7);
    Set<String> prompts = new HashSet<>();
    Set<String> ids = new HashSet<>();
    for (Example example : all(task)) {
      assertTrue(prompts.add(example.prompt()), example.prompt());
      assertTrue(ids.add(example.id()), example.id());
    }
    assertEquals(task.train().size() + task.heldOut().size(), prompts.size());
    if (!task.alphabet().isEmpty()) {
      var tokenizer = new CharacterTokenizer(task.alphabet());
      all(task).forEach(e -> tokenizer.encode(e.prompt() + e.answer()));
    }
  }

  @Test
  void smallSpacesAreUsedToTheLastPrompt() {
    TaskData task = create("kind = sort-digits, digits = 3, held-out = 100", 1);
    assertEquals(1000, task.train().size() + task.heldOut().size());
  }

  @Test
  void equalSeedsGiveEqualExamplesAndTheHeldOutOnesDoNotDependOnTheSeed() {
    String config = "kind = sort-digits, held-out = 20, train-limit = 20";
    TaskData one = create(config, 1);
    TaskData again = create(config, 1);
    TaskData other = create(config, 2);
    assertEquals(examples(one.train()), examples(again.train()));
    assertEquals(examples(one.heldOut()), examples(other.heldOut()));
    assertNotEquals(examples(one.train()), examples(other.train()));
  }

  @Test
  void neverChangesWhichPromptsAreHeldOut() {
    // Computed by a second implementation (Python integers); results of old runs stay comparable.
    TaskData task = create("kind = sort-digits, digits = 6, held-out = 256", 7);
    assertEquals(
        List.of("829525>", "082763>", "778328>", "719206>", "973729>"),
        examples(task.heldOut()).stream().limit(5).map(Example::prompt).toList());
    assertEquals("074603>", task.train().get(0).prompt());
    assertEquals("320576>", task.train().get(1).prompt());
  }

  @Test
  void aSmallerHeldOutPartIsContainedInALargerOne() {
    for (String kind : List.of("sort-digits", "story-openings")) {
      List<Example> small = examples(create("held-out = 8, kind = " + kind, 1).heldOut());
      List<Example> large = examples(create("held-out = 20, kind = " + kind, 2).heldOut());
      assertTrue(large.containsAll(small));
    }
  }

  @Test
  void eighteenDigitsStillFit() {
    TaskData task = create("kind = sort-digits, digits = 18, train-limit = 3", 9);
    assertTrue(task.train().get(2).prompt().matches("[0-9]{18}>"));
    assertThrows(IndexOutOfBoundsException.class, () -> task.train().get(3));
    assertThrows(IndexOutOfBoundsException.class, () -> task.train().get(-1));
  }

  @Test
  void refusesToHoldOutEverything() {
    assertEquals(
        List.of(
            "task.held-out = 10 leaves nothing to train on (String: 1); there are 10 different"
                + " prompts"),
        failure("kind = sort-digits, digits = 1, held-out = 10"));
    assertEquals(
        List.of(
            "task.held-out = 1000 leaves nothing to train on (task-defaults.conf: 12); there are"
                + " 100 different prompts"),
        failure("kind = sort-digits, digits = 2"));
    assertEquals(
        List.of(
            "task.held-out = 82 leaves nothing to train on (String: 1); there are 82 different"
                + " prompts"),
        failure("kind = story-openings, held-out = 82"));
  }

  @Test
  void shipsStoryOpeningsWithoutAnswers() {
    TaskData task = create("kind = story-openings", 0);
    assertEquals(16, task.heldOut().size());
    assertTrue(task.train().size() >= 60, "train = " + task.train().size());
    for (Example example : all(task)) {
      assertNull(example.answer());
      assertTrue(example.prompt().matches("[ -~]+[.?]"), example.prompt());
    }
  }

  @Test
  void readsOpeningsFromAFile() throws Exception {
    Path file = Files.writeString(directory.resolve("mine.txt"), "# mine\n\n One. \nTwo.\nOne.\n");
    TaskData task = create("kind = story-openings, held-out = 1, path = \"" + file + "\"", 0);
    Set<String> prompts = new HashSet<>();
    all(task).forEach(example -> prompts.add(example.prompt()));
    assertEquals(Set.of("One.", "Two."), prompts);
  }

  @Test
  void refusesOpeningsThatAreNoText() throws Exception {
    Path file = Files.write(directory.resolve("mine.txt"), new byte[] {(byte) 0xFF, '\n'});
    String config = "kind = story-openings, held-out = 0, path = \"" + file + "\"";
    var error = assertThrows(DataException.class, () -> create(config, 0));
    assertTrue(
        error.getMessage().startsWith("data file " + file + ": it cannot be read as UTF-8 text"),
        error.getMessage());
  }

  @Test
  void dropsRepetitionsOfHeldOutPromptsAndKeepsThoseOfOthers() {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      examples.add(new Example("e" + i, "prompt " + i % 10, null, Map.of()));
    }
    TaskData task = HeldOut.split("t", examples, portions(4));
    assertEquals(4, task.heldOut().size());
    assertEquals(6 * 3, task.train().size());
    Set<String> heldOut = new HashSet<>();
    examples(task.heldOut()).forEach(example -> heldOut.add(example.prompt()));
    examples(task.train()).forEach(example -> assertFalse(heldOut.contains(example.prompt())));
  }

  @Test
  void readsTheAnswerOfGsm8kBehindItsMarker() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("g.jsonl"),
            "{\"question\": \"2+2?\", \"answer\": \"2+2=4\\n#### 1,004\"}\n"
                + "{\"question\": \"3?\", \"answer\": \"3\\n#### 3\"}\n");
    String config = "kind = gsm8k, held-out = 1, path = \"" + file + "\"";
    List<Example> examples = all(create(config, 0));
    Example example =
        examples.stream().filter(e -> e.id().equals("g.jsonl:1")).findFirst().orElseThrow();
    assertEquals("Question: 2+2?\nAnswer:", example.prompt());
    assertEquals("1,004", example.answer());
    assertEquals("2+2=4\n#### 1,004", example.fields().get("answer"));

    Files.writeString(file, "{\"question\": \"q\", \"answer\": \"4\"}\n{\"question\": \"q\"}\n");
    String message = assertThrows(DataException.class, () -> create(config, 0)).getMessage();
    assertTrue(message.contains("g.jsonl:1: the field \"answer\" has no \"#### \""), message);
    assertTrue(message.contains("g.jsonl:2: the field \"answer\" is missing"), message);
  }

  @Test
  void readsTheRealGsm8kTrainingFile() {
    Path file = SharedMaterial.path("data/gsm8k_train.jsonl");
    TaskData task = create("kind = gsm8k, held-out = 73, path = \"" + file + "\"", 0);
    assertEquals(7473, task.train().size() + task.heldOut().size());
    assertEquals(73, task.heldOut().size());
    assertTrue(all(task).stream().allMatch(e -> e.answer().matches("-?[0-9][0-9,.]*")));
  }

  @Test
  void readsAnyJsonLinesByTemplates() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("a.jsonl"), "{\"x\":\"1\",\"k\":\"a\"}\n{\"x\":\"2\",\"k\":\"b\"}\n");
    TaskData task =
        create(
            "kind = json-lines, template = \"<{x}>\", answer = \"{x}!\", id-field = k, held-out ="
                + " 0, path = \""
                + file
                + "\"",
            0);
    assertEquals(0, task.heldOut().size());
    assertEquals("<2>", task.train().get(1).prompt());
    assertEquals("2!", task.train().get(1).answer());
    assertEquals("b", task.train().get(1).id());
  }

  @Test
  void reportsAllMistakesOfASectionAtOnce() {
    List<String> problems =
        failure(
            "kind = json-lines, path = nowhere.jsonl\n"
                + "template = \"{x\"\n"
                + "held-out = -1\n"
                + "id-feild = k");
    assertEquals(
        List.of(
            "task.path = \"nowhere.jsonl\" is not a readable file (String: 1); looked for "
                + Path.of("nowhere.jsonl").toAbsolutePath(),
            "task.template = \"{x\" cannot be used (String: 2); The template \"{x\" has at position"
                + " 0 a '{' that is not closed (write '{{' for a literal brace).",
            "task.held-out = -1 is outside [0, 2147483647] (String: 3)",
            "task.id-feild is not a known key (String: 4); did you mean id-field?"),
        problems);
  }

  @Test
  void saysWhatToSetWhenARequiredKeyIsMissing() {
    assertEquals(
        List.of("task.path is missing (String: 1); set it to the path of a file"),
        failure("kind = gsm8k"));
  }

  @Test
  void guessesTheKindThatWasMeant() {
    assertEquals(
        List.of(
            "task.kind = \"sort-digit\" is not one of add-numbers, arithmetic, conflicting-styles, gsm8k, guess-number, hinted-sorting, json-lines, sort-digits, sort-with-confidence,"
                + " sort-with-thoughts, story-openings (String: 1); did you mean sort-digits?"),
        failure("kind = sort-digit, digits = 3"));
    assertEquals(
        List.of(
            "task.kind is missing (String: 1); set it to one of add-numbers, arithmetic, conflicting-styles, gsm8k, guess-number, hinted-sorting, json-lines, sort-digits, sort-with-confidence,"
                + " sort-with-thoughts, story-openings"),
        failure("digits = 3"));
  }

  @Test
  void aNewKindIsOneRegistration() {
    TaskFactory factory =
        (section, seed) -> {
          int digits = section.integer("n", 1, 9);
          return () -> create("kind = sort-digits, digits = " + digits, seed);
        };
    TaskCatalog catalog = TaskCatalog.standard().with("mine", factory);
    TaskData task = catalog.create(ConfigFactory.parseString("kind = mine, n = 5"), 1);
    assertTrue(task.train().get(0).prompt().matches("[0-9]{5}>"));
    assertThrows(IllegalArgumentException.class, () -> catalog.with("mine", factory));
    assertFalse(TaskCatalog.standard().kinds().contains("mine"));
  }

  private static Portions portions(int heldOut) {
    String section = "train-limit = 1000, held-out = " + heldOut;
    return new Portions(new Checked(ConfigFactory.parseString(section)));
  }

  private static TaskData create(String config, long seed) {
    return TaskCatalog.standard().create(ConfigFactory.parseString(config), seed);
  }

  private static List<String> failure(String config) {
    return assertThrows(SettingsException.class, () -> create(config, 0)).problems();
  }

  private static List<Example> examples(PromptSource source) {
    return IntStream.range(0, source.size()).mapToObj(source::get).toList();
  }

  private static List<Example> all(TaskData task) {
    List<Example> all = new ArrayList<>(examples(task.train()));
    all.addAll(examples(task.heldOut()));
    return all;
  }
}
