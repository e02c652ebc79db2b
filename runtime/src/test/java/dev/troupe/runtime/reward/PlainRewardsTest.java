package dev.troupe.runtime.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.DataException;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainRewardsTest {
  private static final double EXACT = 0;
  private static final double FLOAT = 1e-12;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'';The  Eiffel Tower!;eiffel tower;1",
        "'';Eiffel-Tower;eiffeltower;1",
        "ignore = [];Paris;paris;0",
        "ignore = [case];PARIS;paris;1",
        "ignore = [accents];Café;Cafe;1",
        "ignore = [spaces];a   b;a b;1",
        "separator = \"|\";colour|color;Color;1",
        "separator = \"|\";colour|color;col;0",
        "'after = \"So:\", until = \"(\"';42;I think. So: 42 (sure);1"
      })
  void normalisedMatchPassesOverDifferencesThatDoNotCount(
      String keys, String answer, String completion, double expected) throws Exception {
    assertEquals(expected, score("kind = normalised-match\n" + keys, answer, completion), EXACT);
  }

  @Test
  void regexSearchesOrMatchesTheWholeOrComparesAGroup() throws Exception {
    assertEquals(1, score("kind = regex, pattern = \"a+b\"", null, "xaab"), EXACT);
    assertEquals(0, score("kind = regex, pattern = \"a+b\", whole = true", null, "xaab"), EXACT);
    assertEquals(1, score("kind = regex, pattern = \"a+b\", whole = true", null, "aab"), EXACT);
    String group = "kind = regex, pattern = \"<(\\\\d+)>\", group = 1";
    assertEquals(1, score(group, "7", "<3> and <7>"), EXACT);
    assertEquals(0, score(group, "7", "7 and <77>"), EXACT);
  }

  @Test
  void aRegexThatTakesTooManyStepsIsAFailure() {
    // From each of 3000 places it looks at all that follow: 4.5 million steps.
    String keys = "kind = regex, pattern = \"a*b\", steps = 1000000";
    var error =
        assertThrows(IllegalStateException.class, () -> score(keys, null, "a".repeat(3000)));
    assertTrue(error.getMessage().contains("too many steps"), error.getMessage());
  }

  @Test
  void refusesARegexThatCannotBeUsed() {
    assertThrows(SettingsException.class, () -> score("kind = regex, pattern = \"(\"", null, ""));
    var error =
        assertThrows(
            SettingsException.class,
            () -> score("kind = regex, pattern = \"(a)\", group = 2", null, ""));
    assertTrue(error.getMessage().contains("is not a group of the pattern"), error.getMessage());
  }

  @Test
  void jsonSchemaAllowsWhatTheSchemaAllows(@TempDir Path folder) throws Exception {
    String keys =
        "kind = json-schema, schema { type = object, required = [n], additionalProperties = false,"
            + " properties { n { type = integer, minimum = 3 } } }";
    assertEquals(1, score(keys, null, "{\"n\": 3}"), EXACT);
    assertEquals(1, score(keys, null, "Here:\n```json\n{\"n\": 4}\n```\nBye"), EXACT);
    assertEquals(0, score(keys + ", where = whole", null, "```json\n{\"n\": 4}\n```"), EXACT);
    for (String wrong :
        new String[] {
          "{\"n\": 2}",
          "{\"n\": 3.5}",
          "{\"n\": 3, \"m\": 1}",
          "{}",
          "",
          "{\"n\": 3} x",
          "{\"n\":3,\"n\":4}"
        }) {
      assertEquals(0, score(keys, null, wrong), EXACT, wrong);
    }
    Path file =
        Files.writeString(
            folder.resolve("s.json"),
            "{\"type\": \"array\", \"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\"minItems\": 1}}}");
    assertEquals(1, score("kind = json-schema, path = \"" + file + "\"", null, "[1]"), EXACT);
    assertEquals(0, score("kind = json-schema, path = \"" + file + "\"", null, "[]"), EXACT);
    var own = new Example("e", "p", null, Map.of("s", "{\"type\": \"string\"}"));
    assertEquals(1, reward("kind = json-schema, field = s").score(own, "\"x\""), EXACT);
  }

  @Test
  void refusesASchemaThatIsNone(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("s.json"), "{\"type\": ");
    assertThrows(DataException.class, () -> reward("kind = json-schema, path = \"" + file + "\""));
    assertThrows(SettingsException.class, () -> reward("kind = json-schema"));
    var two =
        assertThrows(
            SettingsException.class, () -> reward("kind = json-schema, field = f, schema {}"));
    assertTrue(two.getMessage().contains("keep one of path, schema and field"), two.getMessage());
  }

  @Test
  void lengthFallsEvenlyBeyondItsEnds() throws Exception {
    String keys = "kind = length, min = 2, max = 3, fall-off = 4";
    assertEquals(1, score(keys, null, "one two"), EXACT);
    assertEquals(0.75, score(keys, null, "one"), FLOAT); // 1 - 1/4
    assertEquals(0.5, score(keys, null, "1 2 3 4 5"), FLOAT); // 1 - 2/4
    assertEquals(0, score(keys, null, "1 2 3 4 5 6 7 8"), EXACT);
    assertEquals(0, score("kind = length, min = 2, max = 3", null, "one"), EXACT);
    assertTrue(reward("kind = length, min = 2, max = 3").isVerifiable());
    String sentences = "kind = length, unit = sentences, min = 2, max = 2";
    assertEquals(1, score(sentences, null, "It is 3.5 m. Yes!"), EXACT);
    assertEquals(
        1, score("kind = length, unit = paragraphs, min = 2, max = 2", null, "a\n\n\nb\nc"), EXACT);
    assertEquals(1, score("kind = length, unit = characters, min = 1, max = 1", null, "😀"), EXACT);
    assertThrows(SettingsException.class, () -> reward("kind = length, min = 3, max = 2"));
  }

  @Test
  void repetitionIsTheShareOfDifferentRuns() throws Exception {
    assertEquals(1, score("kind = repetition", null, "a b c d"), EXACT);
    // runs: a b | b a | a b: 2 of 3 are different
    assertEquals(2.0 / 3, score("kind = repetition, n = 2", null, "a b a b"), FLOAT);
    assertEquals(0.25, score("kind = repetition, n = 1, unit = characters", null, "aaaa"), FLOAT);
    assertEquals(1, score("kind = repetition, n = 5", null, "too short"), EXACT);
  }

  private static double score(String keys, String answer, String completion) throws Exception {
    return reward(keys).score(new Example("e", "prompt", answer, Map.of()), completion);
  }

  private static RewardFunction reward(String keys) {
    return RewardCatalog.standard().create(ConfigFactory.parseString(keys));
  }
}
