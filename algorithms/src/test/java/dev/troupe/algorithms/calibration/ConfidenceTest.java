package dev.troupe.algorithms.calibration;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ConfidenceTest {
  @Test
  void readsTheFirstStatementAndRemovesAllOfThem() {
    assertParsed(0.8, true, "The answer is 4.", "The answer is 4.\nConfidence: 8.");
    assertParsed(0.35, true, "Perhaps.", "CONFIDENCE:3.5! Perhaps. confidence: 9");
    assertParsed(0.7, true, "Paris.", "Paris. Confidence:\t7/10 .");
    assertParsed(0, true, "No.", "No. confidence: 0");
  }

  @Test
  void keepsTheTextAroundAStatement() {
    assertParsed(0.2, true, "First.\nThen this.", "First.\nConfidence: 2. Then this.");
    assertParsed(0.2, true, "First. Then.", "First. Confidence: 2, Then.");
  }

  @Test
  void clampsAboveTenAndAssumesTheDefaultWithoutANumber() {
    assertParsed(1, true, "It is 12.", "It is 12.\nConfidence: 12.");
    assertParsed(0.5, false, "Confidence: high", "Confidence: high");
    assertParsed(0.5, false, "Confidence: -3", "Confidence: -3");
    assertParsed(0.5, false, "No idea.", "No idea. \n");
    assertParsed(0.5, false, "", "");
    assertEquals(0.1, Confidence.parse("No idea.", 1).value());
  }

  @Test
  void hugeNumbersAreCertainToo() {
    assertParsed(1, true, "x", "x Confidence: " + "9".repeat(400));
  }

  @Property(tries = 100)
  void theVariantsOfAPairStateWhatTheyShould(@ForAll @IntRange(min = 0, max = 9999) int seed) {
    ConfidenceVariants variants =
        ConfidenceVariants.of("Good.", "Bad.", new SplittableRandom(seed));
    for (String text : new String[] {variants.chosenHigh(), variants.rejectedHigh()}) {
      double value = Confidence.parse(text, 5).value();
      assertTrue(value >= 0.7 && value <= 1, text);
    }
    for (String text : new String[] {variants.chosenLow(), variants.rejectedLow()}) {
      double value = Confidence.parse(text, 5).value();
      assertTrue(value >= 0 && value <= 0.3, text);
    }
    assertEquals("Good.", Confidence.parse(variants.chosenHigh(), 5).text());
    assertEquals("Good.", Confidence.parse(variants.chosenLow(), 5).text());
    assertEquals("Bad.", Confidence.parse(variants.rejectedHigh(), 5).text());
    assertEquals("Bad.", Confidence.parse(variants.rejectedLow(), 5).text());
  }

  @Test
  void allLevelsOccurAndADrawCanBeRepeated() {
    Set<String> seen = new HashSet<>();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      ConfidenceVariants variants = ConfidenceVariants.of("", "", random);
      seen.add(variants.chosenHigh());
      seen.add(variants.chosenLow());
    }
    assertEquals(8, seen.size());
    assertTrue(seen.contains("\nConfidence: 10.") && seen.contains("\nConfidence: 0."));
    assertEquals(
        ConfidenceVariants.of("a", "b", new SplittableRandom(3)),
        ConfidenceVariants.of("a", "b", new SplittableRandom(3)));
  }

  @Test
  void refusesADefaultOffTheScale() {
    assertRefused(
        "ifMissing is 11.0, expected a number in [0.0, 10.0]", () -> Confidence.parse("", 11));
  }

  private static void assertParsed(double value, boolean isStated, String text, String answer) {
    assertEquals(
        new Confidence(value, isStated, text), Confidence.parse(answer, Confidence.IF_MISSING));
  }
}
