package dev.troupe.runtime.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.SettingsException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rewards that read a part of a completion. */
class PartialAnswersTest {
  private static final Example SUM =
      new Example("e:1", "17+5=", null, Map.of("final", "22", "topic", "c", "attack", "true"));

  private static double score(String reward, String completion) throws Exception {
    return RewardCatalog.standard()
        .create(ConfigFactory.parseString(reward))
        .score(SUM, completion);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "''; 22; 1",
        "''; 22 ; 1",
        "''; 7+5=12; 0",
        "after = \"</think>\"; <think>7+5=12</think>22; 1",
        "after = \"</think>\"; <think>22</think>7; 0",
        "after = \"</think>\"; 22; 1",
        "until = Confidence; 22 Confidence: 3.; 1",
        "until = Confidence; 2 Confidence: 22.; 0",
        "after = \">\", until = \"<\"; a>22<b; 1",
      })
  void comparesThePartWithTheFinalAnswer(String keys, String completion, double score)
      throws Exception {
    assertEquals(score, score("kind = final-answer, " + keys, completion));
    assertTrue(
        RewardCatalog.standard()
            .create(ConfigFactory.parseString("kind = final-answer, " + keys))
            .isVerifiable());
  }

  @Test
  void saysWhichFieldsThereAre() {
    var failure =
        assertThrows(
            IllegalStateException.class, () -> score("kind = final-answer, field = sum", "22"));
    assertTrue(failure.getMessage().startsWith("example e:1 has no field sum, only "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"22 Confidence: 7.; 0.7", "22 confidence:10/10; 1", "Confidence: 99; 1", "22; 0.5"})
  void readsTheStatedConfidence(String completion, double score) throws Exception {
    assertEquals(score, score("kind = stated-confidence", completion), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({
    "polite, gcc, 1",
    "polite, cgc, 0",
    "meaningful, c#cs1#, 1",
    "meaningful, ccco, 0",
    "actionable, gos7, 1",
    "actionable, gso7, 0",
    "safe, gcccc, 1",
    "safe, gc#, 0"
  })
  void tellsWhetherAStyleIsMet(String objective, String completion, double score) throws Exception {
    assertEquals(score, score("kind = style-objective, objective = " + objective, completion));
  }

  @Test
  void anythingIsSafeForWhoMeansNoHarm() throws Exception {
    var harmless = new Example("e:2", "C?1>", null, Map.of("topic", "c", "attack", "false"));
    RewardFunction safe =
        RewardCatalog.standard()
            .create(ConfigFactory.parseString("kind = style-objective, objective = safe"));
    assertEquals(1, safe.score(harmless, "g####"));
  }

  @Test
  void refusesAnObjectiveThatThereIsNot() {
    var refusal =
        assertThrows(
            SettingsException.class, () -> score("kind = style-objective, objective = kind", "g"));
    assertTrue(
        refusal.getMessage().contains("is not one of polite, meaningful, actionable, safe"),
        refusal.getMessage());
  }
}
