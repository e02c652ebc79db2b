package dev.troupe.algorithms.promptselection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class NgramFeaturesTest {
  @Test
  void asksForTheCommonestCharactersAndPairs() {
    // In two of the three: "b", and "b" at the end. In one each: "a", "ab", "a" at the beginning,
    // "b" at the beginning, "c", … The marks of beginning and end are in all three.
    NgramFeatures two = NgramFeatures.of(List.of("ab", "bb", "c"), 2);
    assertArrayEquals(new double[] {1, 1}, two.of("ab"));
    assertArrayEquals(new double[] {1, 0}, two.of("ba"));
    assertArrayEquals(new double[] {0, 0}, two.of(""));
  }

  @Test
  void knowsHowATextBegins() {
    // Both have a 1, 2 and >. In order of the characters, the marks being first, there remain: "1"
    // and "2" at the beginning, "12", "1>", "21", "2>".
    NgramFeatures all = NgramFeatures.of(List.of("12>", "21>"), 100);
    assertArrayEquals(new double[] {1, 0, 0, 0, 0, 0}, all.of("13>"));
    assertArrayEquals(new double[] {0, 0, 0, 1, 0, 0}, all.of("31>"));
  }

  @Test
  void refusesToHaveNoFeature() {
    var refusal =
        assertThrows(IllegalArgumentException.class, () -> NgramFeatures.of(List.of("a"), 0));
    assertEquals("most is 0.0, expected a number in [1.0, 2.147483647E9]", refusal.getMessage());
  }
}
