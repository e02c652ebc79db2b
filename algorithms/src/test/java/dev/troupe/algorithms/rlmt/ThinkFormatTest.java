package dev.troupe.algorithms.rlmt;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ThinkFormatTest {
  private static final ThinkFormat TAGGED = ThinkFormat.tagged();
  private static final ThinkFormat PLAIN = ThinkFormat.thinkThenAnswer();

  @Test
  void acceptsBothPublishedForms() {
    assertTrue(TAGGED.isWellFormed(" <think>a</think>\n<response>b</response>\n"));
    assertTrue(PLAIN.isWellFormed("<think>\na\n</think>\n\nb"));
  }

  @Test
  void extractsByTheTagThatTheFormatHas() {
    assertEquals("<response>", TAGGED.extraction(true).delimiter());
    assertEquals("</response>", TAGGED.extraction(true).endDelimiter());
    assertEquals("</think>", PLAIN.extraction(true).delimiter());
    assertEquals("b", PLAIN.extraction(true).of("<think>a</think> b").answer());
  }

  @Test
  void saysWhatIsWrongWithAResponse() {
    assertMistakes(
        "<think>a<think>b</think><response>c",
        "<think> occurs 2 times, expected once",
        "</response> occurs 0 times, expected once");
    assertMistakes("<response>c</response><think>a</think>", "<response> comes before </think>");
    assertMistakes("hm <think>a</think><response>c</response>", "text comes before <think>");
    assertMistakes(
        "<think>a</think> so <response>c</response>", "text comes between </think> and <response>");
    assertMistakes("<think>a</think><response>c</response> bye", "text comes after </response>");
    assertMistakes("<think>a</think><response> </response>", "the answer is empty");
    assertEquals(List.of("the answer is empty"), PLAIN.mistakes("<think>a</think>\n"));
    // A response that ran out of tokens while thinking.
    assertEquals(List.of("</think> occurs 0 times, expected once"), PLAIN.mistakes("<think>a and"));
  }

  private static void assertMistakes(String text, String... mistakes) {
    assertEquals(List.of(mistakes), TAGGED.mistakes(text));
  }

  @Test
  void thoughtsLearnButTheAblationLeavesThemOut() {
    boolean[] isThinking = {true, true, false, false};
    assertArrayEquals(new float[] {1, 1, 1, 1}, LossCoverage.ALL_GENERATED.mask(isThinking));
    assertArrayEquals(new float[] {0, 0, 1, 1}, LossCoverage.ANSWER_ONLY.mask(isThinking));
    assertEquals(0, LossCoverage.ALL_GENERATED.mask(new boolean[0]).length);
  }

  @Test
  void aResponseWithoutAnAnswerMayBeFloored() {
    double[] scores = {2, 9, -1, 0};
    boolean[] isParsed = {true, false, true, false};
    assertArrayEquals(scores, UnparsedReward.SCORED.of(scores, isParsed));
    // one below the worst answer, which scored -1
    assertArrayEquals(
        new double[] {2, -2, -1, -2}, UnparsedReward.BELOW_GROUP.of(scores, isParsed));
    assertArrayEquals(new double[] {2, -10, -1, -10}, UnparsedReward.FIXED.of(scores, isParsed));
    assertArrayEquals(
        new double[] {-10}, UnparsedReward.BELOW_GROUP.of(new double[] {3}, new boolean[1]));
    assertRefused(
        "isParsed has length 1, expected 4 like scores",
        () -> UnparsedReward.FIXED.of(scores, new boolean[1]));
    assertRefused(
        "scores at index 0 is NaN, expected a finite number",
        () -> UnparsedReward.FIXED.of(new double[] {Double.NaN}, new boolean[1]));
  }

  @Test
  void refusesTagsThatCannotBeToldApart() {
    assertRefused(
        "think format: thinkOpen is missing, expected a tag; thinkClose is blank, expected a tag",
        () -> new ThinkFormat(null, " ", null, null));
    assertRefused(
        "think format: answerClose is given without answerOpen, expected both or neither",
        () -> new ThinkFormat("<t>", "</t>", null, "</a>"));
    assertRefused(
        "think format: <<t>> contains <t>, expected tags that differ",
        () -> new ThinkFormat("<t>", "</t>", "<<t>>", null));
  }
}
