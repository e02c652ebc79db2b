package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckedTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private enum Colour {
    RED,
    PALE_BLUE
  }

  private static Config config(String text) {
    return ConfigFactory.parseString(
        text, ConfigParseOptions.defaults().setOriginDescription("t.conf"));
  }

  private static List<String> problems(String text, Consumer<Checked> reading) {
    Checked c = new Checked(config(text));
    reading.accept(c);
    return assertThrows(SettingsException.class, c::throwIfAny).problems();
  }

  private static String problem(String text, Consumer<Checked> reading) {
    List<String> problems = problems(text, reading);
    assertEquals(1, problems.size(), problems.toString());
    return problems.get(0);
  }

  @Test
  void readsEveryType() {
    Checked c =
        new Checked(
            config(
                """
                text = a b, path = x/y, whole = 12, large = 9223372036854775807, decimal = 1.5
                flag = on, wait = 90s, colour = pale-blue, texts = [a, 1], decimals = [0.5, 1]
                inner { a = 1 }, inners = [ { name = x, a = 1 } ], free { b = 2 }
                """));
    assertEquals("a b", c.text("text"));
    assertEquals(Path.of("x", "y"), c.path("path"));
    assertEquals(12, c.integer("whole", 0, 20));
    assertEquals(Long.MAX_VALUE, c.longInteger("large", 0, Long.MAX_VALUE));
    assertEquals(1.5, c.decimal("decimal", 0, 2));
    assertEquals(true, c.bool("flag"));
    assertEquals(Duration.ofSeconds(90), c.duration("wait", Duration.ZERO, HOUR));
    assertEquals(Colour.PALE_BLUE, c.choice("colour", Colour.class));
    assertEquals(List.of("a", "1"), c.texts("texts"));
    assertEquals(List.of(0.5, 1.0), c.decimals("decimals", 0, 1));
    assertEquals(1, c.section("inner").integer("a", 0, 9));
    Checked element = c.sections("inners").get(0);
    assertEquals("x", element.text("name"));
    assertEquals(1, element.integer("a", 0, 9));
    assertEquals(2, c.opaque("free").getInt("b"));
    assertEquals(Optional.empty(), c.optional("absent", key -> c.integer(key, 0, 1)));
    c.throwIfAny();
  }

  @Test
  void refusesAFileThatCannotBeRead(@TempDir Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve("here"));
    Checked c = new Checked(ConfigFactory.parseMap(Map.of("f", file.toString())));
    assertEquals(file, c.file("f"));
    c.throwIfAny();
    assertEquals(
        "f = \"gone\" is not a readable file (t.conf: 1); looked for "
            + Path.of("gone").toAbsolutePath(),
        problem("f = gone", section -> section.file("f")));
    Checked folder = new Checked(ConfigFactory.parseMap(Map.of("f", directory.toString())));
    folder.file("f");
    assertThrows(SettingsException.class, folder::throwIfAny);
    assertEquals(
        "f is missing (t.conf: 1); set it to the path of a file",
        problem("f = null", section -> section.file("f")));
  }

  @Test
  void reportsWhatAParserFindsWrong() {
    Checked c = new Checked(config("n = \"7\""));
    int seven = c.parsed("n", Integer::valueOf);
    assertEquals(7, seven);
    c.throwIfAny();
    assertEquals(
        "n = \"x\" cannot be used (t.conf: 1); For input string: \"x\"",
        problem("n = x", section -> section.parsed("n", Integer::valueOf)));
  }

  @Test
  void takesWholeNumbersHoweverTheyAreWritten() {
    Checked c = new Checked(config("a = 1e3, b = 2.0, c = \"3\""));
    assertEquals(1000, c.integer("a", 0, 2000));
    assertEquals(2, c.integer("b", 0, 9));
    assertEquals(3, c.integer("c", 0, 9)); // as an environment variable gives it
    c.throwIfAny();
  }

  @Test
  void refusesAFractionWhereAWholeNumberIsWanted() {
    assertEquals(
        "a = 1.5 is not a whole number in [0, 9] (t.conf: 1)",
        problem("a = 1.5", c -> c.integer("a", 0, 9)));
  }

  @Test
  void namesTheRangeAndTheLine() {
    assertEquals(
        "clip = 1.5 is outside [0.01, 1.0] (t.conf: 2)",
        problem("\nclip = 1.5", c -> c.decimal("clip", 0.01, 1.0)));
    assertEquals(
        "n = 1.0E20 is outside [0, 5] (t.conf: 1)", problem("n = 1e20", c -> c.integer("n", 0, 5)));
  }

  @Test
  void refusesWhatIsNoFiniteNumber() {
    assertEquals(
        "a = \"NaN\" is not a number in [0.0, 1.0] (t.conf: 1)",
        problem("a = NaN", c -> c.decimal("a", 0, 1)));
    Checked c =
        new Checked(
            ConfigFactory.empty("t").withValue("a", ConfigValueFactory.fromAnyRef(Double.NaN)));
    c.decimal("a", 0, 1);
    assertThrows(SettingsException.class, c::throwIfAny);
  }

  @Test
  void wantsTheUnitOfADuration() {
    String wanted = "is not a duration with its unit, such as 90s or 10m (t.conf: 1)";
    assertEquals("a = 5 " + wanted, problem("a = 5", c -> c.duration("a", HOUR, HOUR)));
    assertEquals("a = \"5\" " + wanted, problem("a = \"5\"", c -> c.duration("a", HOUR, HOUR)));
    assertEquals(
        "a = \"2h\" is outside [1s, 1h] (t.conf: 1)",
        problem("a = 2h", c -> c.duration("a", Duration.ofSeconds(1), HOUR)));
  }

  @Test
  void listsTheChoicesAndGuessesTheOneMeant() {
    assertEquals(
        "a = \"pale_blu\" is not one of red, pale-blue (t.conf: 1); did you mean pale-blue?",
        problem("a = pale_blu", c -> c.choice("a", Colour.class)));
    assertEquals(
        "a = \"green\" is not one of red, pale-blue (t.conf: 1)",
        problem("a = green", c -> c.choice("a", Colour.class)));
  }

  @Test
  void refusesAWrongTypeOfEachKind() {
    assertEquals(
        "a = {\"b\":1} is not a text (t.conf: 1)", problem("a { b = 1 }", c -> c.text("a")));
    assertEquals("a = \"\" is not a text (t.conf: 1)", problem("a = \"\"", c -> c.text("a")));
    assertEquals("a = 7 is not true or false (t.conf: 1)", problem("a = 7", c -> c.bool("a")));
    assertEquals(
        "a = 7 is not a list of texts, such as [a, b] (t.conf: 1)",
        problem("a = 7", c -> c.texts("a")));
    assertEquals(
        "a = [0.5,2] has a number outside [0.0, 1.0] (t.conf: 1)",
        problem("a = [0.5, 2]", c -> c.decimals("a", 0, 1)));
    assertEquals(
        "a = [1] is not a list of sections [ { ... }, { ... } ] (t.conf: 1)",
        problem("a = [1]", c -> c.sections("a")));
    assertEquals(
        "a = \"x\\u0000\" is not a path on this system (t.conf: 1)",
        problem("a = \"x\\u0000\"", c -> c.path("a")));
  }

  @Test
  void missesAKeyInTheSectionThatLacksIt() {
    assertEquals(
        "inner.steps is missing (t.conf: 2); set it to a whole number in [1, 9]",
        problem(
            "a = 1\ninner {\n}",
            c -> {
              c.has("a");
              c.section("inner").integer("steps", 1, 9);
            }));
  }

  @Test
  void takesNullForAbsent() {
    assertEquals(
        "a is missing (t.conf: 1); set it to a text", problem("a = null", c -> c.text("a")));
  }

  @Test
  void reportsAMissingSectionOnceAndNotEachOfItsKeys() {
    assertEquals(
        "inner is missing (t.conf: 1); set it to a section { ... }",
        problem(
            "a = 1",
            c -> {
              c.has("a");
              Checked inner = c.section("inner");
              inner.integer("steps", 1, 9);
              inner.section("deeper").text("name");
            }));
  }

  @Test
  void guessesAnUnknownKeyHereOrASectionAway() {
    Consumer<Checked> reading =
        c -> {
          c.optional("learning-rate", c::text);
          c.optional("group-size", c::text);
          c.section("inner").optional("temperature", c::text);
        };
    String inner = "inner { }, ";
    assertEquals(
        "learning-rte is not a known key (t.conf: 1); did you mean learning-rate?",
        problem(inner + "learning-rte = 1", reading));
    assertEquals(
        "groupSize is not a known key (t.conf: 1); did you mean group-size?",
        problem(inner + "groupSize = 1", reading));
    assertEquals(
        "temperature is not a known key (t.conf: 1); did you mean inner.temperature?",
        problem(inner + "temperature = 1", reading));
    assertEquals(
        "inner.group-size is not a known key (t.conf: 1); did you mean group-size?",
        problem("inner { group-size = 1 }", reading));
    assertEquals(
        "other is not a known key (t.conf: 1); known here: learning-rate, group-size, inner",
        problem(inner + "other = 1", reading));
  }

  @Test
  void reportsEveryMistakeInTheOrderOfTheLines() {
    assertEquals(
        List.of(
            "b = 7 is outside [0, 5] (t.conf: 1)",
            "z is not a known key (t.conf: 2); known here: a, b",
            "a = \"x\" is not a whole number in [0, 5] (t.conf: 3)"),
        problems(
            "b = 7\nz = 1\na = x",
            c -> {
              c.integer("a", 0, 5);
              c.integer("b", 0, 5);
            }));
  }

  @Test
  void listsAllMistakesInTheMessage() {
    Checked c = new Checked(config("a = 1, b = 2"));
    SettingsException e = assertThrows(SettingsException.class, c::throwIfAny);
    assertEquals(3, e.getMessage().lines().count());
    assertEquals("The configuration has 2 mistakes:", e.getMessage().lines().findFirst().get());
  }

  @Test
  void namesBothHalvesOfARule() {
    assertEquals(
        "heads = 4 (t.conf: 1) is not divisible by kv-heads = 3 (t.conf: 2); choose a divisor",
        problem(
            "heads = 4\nkv-heads = 3",
            c -> {
              int heads = c.integer("heads", 1, 9);
              int kvHeads = c.integer("kv-heads", 1, 9);
              if (c.isSound("heads", "kv-heads") && heads % kvHeads != 0) {
                c.clash("heads", "is not divisible by " + c.quote("kv-heads"), "choose a divisor");
              }
            }));
  }

  @Test
  void callsAKeyUnsoundThatHasAMistakeOrIsMissing() {
    Checked c = new Checked(config("a = 7, b = 1"));
    c.integer("a", 0, 5);
    c.integer("b", 0, 5);
    assertFalse(c.isSound("a", "b"));
    assertFalse(c.isSound("b", "absent"));
    assertEquals(true, c.isSound("b"));
  }

  @Test
  void callsElementsByNameOrKindAndElseByPosition() {
    Consumer<Checked> reading =
        c ->
            c.sections("l")
                .forEach(
                    element -> {
                      element.integer("n", 0, 1);
                      element.ignoreRest();
                    });
    String fault = ".n = 2 is outside [0, 1] (t.conf: 1)";
    assertEquals(
        List.of("l.x" + fault, "l.y" + fault),
        problems("l = [ { name = x, kind = k, n = 2 }, { kind = y, n = 2 } ]", reading));
    assertEquals(
        List.of("l.0" + fault, "l.1" + fault),
        problems("l = [ { kind = y, n = 2 }, { kind = y, n = 2 } ]", reading));
    assertEquals("l.1" + fault, problem("l = [ { kind = y, n = 1 }, { n = 2 } ]", reading));
  }
}
