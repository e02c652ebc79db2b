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

class WordListSentimentTest {
  private static final double TOLERANCE = 1e-12;
  private static final Example ANY = new Example("e", "I love wonderful words", null, Map.of());

  @TempDir private Path directory;

  @Test
  void sumsTheWeightsOfListedWordsAndBoundsTheSum() throws Exception {
    // happy 2, loved 3, sad -2: S = 3; 3 / (3 + 10)
    assertEquals(3.0 / 13, score("", "The HAPPY girl loved her sad, unlisted dog."), TOLERANCE);
    // cried -2, angry -2: S = -4; -4 / (4 + 4)
    assertEquals(-0.5, score(", half-at = 4", "He cried. Angry!"), TOLERANCE);
    assertEquals(0, score("", ""), TOLERANCE);
    assertEquals(0, score("", "unhappyness lovedly 123"), TOLERANCE);
  }

  @Test
  void countsOneWordOnlySoOften() throws Exception {
    // happy 2, three times: S = 6
    assertEquals(6.0 / 16, score("", "happy ".repeat(50)), TOLERANCE);
    assertEquals(2.0 / 12, score(", repeat-limit = 1", "happy ".repeat(50)), TOLERANCE);
  }

  @Test
  void staysInsideItsBoundsAndGrowsWithEveryWord() throws Exception {
    double before = -1;
    for (int words = 0; words < 200; words++) {
      double score = score(", repeat-limit = 1000", "wonderful ".repeat(words));
      assertTrue(score > before && score < 1, "score = " + score);
      before = score;
    }
  }

  @Test
  void shipsAboutAsManyGladWordsAsSadOnes() {
    Map<String, Integer> words = WordListSentiment.shipped();
    long glad = words.values().stream().filter(weight -> weight > 0).count();
    assertTrue(glad >= 150 && words.size() - glad >= 150, glad + " of " + words.size());
    words.forEach(
        (word, weight) ->
            assertTrue(word.matches("[a-z]+") && Math.abs(weight) <= 3, word + " " + weight));
  }

  @Test
  void readsAWordListOfTheUsersOwn() throws Exception {
    Path file = Files.writeString(directory.resolve("w.tsv"), "# mine\n\nZorp\t10\nn'est\t-3\n");
    String config = ", path = \"" + file + "\"";
    assertEquals(0.5, score(config, "happy zorp"), TOLERANCE);
    assertEquals(7.0 / 17, score(config, "zorp N'EST"), TOLERANCE);
  }

  @Test
  void reportsAllBadLinesOfAWordList() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("w.tsv"), "good 1\nfine\t2\nfine\t3\nbad\t0\nworse\tmany\n");
    var error = assertThrows(DataException.class, () -> score(", path = \"" + file + "\"", ""));
    assertEquals(4, error.problems().size());
    assertTrue(error.problems().get(0).startsWith("line 1: \"good 1\" is not a word, a tab"));
    assertEquals("line 3: the word \"fine\" is listed twice", error.problems().get(1));
  }

  @Test
  void refusesSettingsOutsideTheirRange() {
    var error =
        assertThrows(
            SettingsException.class, () -> score(", half-at = 0, repeat-limit = 0, half = 1", ""));
    assertEquals(3, error.problems().size(), error.getMessage());
  }

  private static double score(String settings, String completion) throws Exception {
    return RewardCatalog.standard()
        .create(ConfigFactory.parseString("kind = word-list-sentiment" + settings))
        .score(ANY, completion);
  }
}
