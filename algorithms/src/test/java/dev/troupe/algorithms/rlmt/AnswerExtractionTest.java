package dev.troupe.algorithms.rlmt;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.algorithms.rlmt.AnswerExtraction.Extracted;
import dev.troupe.algorithms.rlmt.AnswerExtraction.Occurrence;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class AnswerExtractionTest {
  private static AnswerExtraction between(boolean isStrict, Occurrence occurrence) {
    return new AnswerExtraction("[", "]", isStrict, occurrence);
  }

  @Test
  void keepsWhatIsBetweenTheDelimitersWithoutTheSpace() {
    assertEquals(new Extracted("a b", true), between(true, Occurrence.FIRST).of("x [ a b\n] y ]"));
    assertEquals(new Extracted("", true), between(true, Occurrence.FIRST).of("x []"));
  }

  @Test
  void strictRefusesWhatLenientScores() {
    String open = " x [ a ";
    assertEquals(new Extracted("[NULL]", false), between(true, Occurrence.FIRST).of(open));
    // The end is missing, so the space before it is kept.
    assertEquals(new Extracted("a ", false), between(false, Occurrence.FIRST).of(open));
    String plain = " no tags ";
    assertEquals(new Extracted("[NULL]", false), between(true, Occurrence.FIRST).of(plain));
    assertEquals(new Extracted(plain, false), between(false, Occurrence.FIRST).of(plain));
    // Without its start, the end still ends the answer.
    assertEquals(new Extracted(" x", false), between(false, Occurrence.FIRST).of(" x ] y"));
  }

  @Test
  void theFirstAndTheLastDelimiterFindDifferentAnswers() {
    String text = "[ thought of [ answer ]";
    assertEquals("thought of [ answer", between(true, Occurrence.FIRST).of(text).answer());
    assertEquals("answer", between(true, Occurrence.LAST).of(text).answer());
  }

  @Test
  void theEndOfAnAnswerTagIsKnown() {
    var byDefault = new AnswerExtraction("<response>", null, true, Occurrence.FIRST);
    assertEquals("</response>", byDefault.endDelimiter());
    assertEquals("hi", byDefault.of("<response> hi </response> x").answer());
    var other = new AnswerExtraction("</think>", null, true, Occurrence.FIRST);
    assertEquals(new Extracted("hi ", true), other.of("plan </think> hi "));
  }

  @Property
  void withoutADelimiterTheTextIsTheAnswer(@ForAll String text) {
    assertEquals(
        new Extracted(text, true),
        new AnswerExtraction(null, null, true, Occurrence.FIRST).of(text));
  }

  @Property
  void findsEveryAnswerThatDoesNotMentionTheTags(
      @ForAll @CharRange(from = 'a', to = 'z') @StringLength(max = 9) String thought,
      @ForAll @CharRange(from = 'a', to = 'z') @StringLength(max = 9) String answer) {
    ThinkFormat tagged = ThinkFormat.tagged();
    String text = "<think> " + thought + " </think> <response> " + answer + " </response>";
    assertEquals(answer, tagged.extraction(true).of(text).answer());
    assertEquals(answer, tagged.extraction(false).of(text).answer());
    assertEquals(!answer.isBlank(), tagged.isWellFormed(text));
  }

  @Test
  void refusesEmptyDelimiters() {
    assertRefused(
        "delimiter is \"\" and endDelimiter is none, expected text or none",
        () -> new AnswerExtraction("", null, true, Occurrence.FIRST));
    assertRefused(
        "delimiter is \"a\" and endDelimiter is \"\", expected text or none",
        () -> new AnswerExtraction("a", "", true, Occurrence.FIRST));
    assertRefused(
        "occurrence is missing, expected FIRST or LAST",
        () -> new AnswerExtraction("a", "b", true, null));
    assertTrue(between(true, Occurrence.FIRST).isStrict());
    assertFalse(between(false, Occurrence.FIRST).isStrict());
  }
}
