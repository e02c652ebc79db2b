package dev.troupe.algorithms.essa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.algorithms.essa.SearchSpace.Offsets;
import dev.troupe.algorithms.essa.SingularValues.Factors;
import java.util.List;
import org.junit.jupiter.api.Test;

class SearchSpaceTest {
  private static final double ROUNDING = 1e-12;

  // Factors whose singular values are read off: A = diag(4, 2), B = diag(3, 1).
  private static final Factors FIRST =
      new Factors(new double[][] {{4, 0}, {0, 2}}, new double[][] {{3, 0}, {0, 1}});
  private static final Factors SECOND =
      new Factors(new double[][] {{8, 0}, {0, 1}}, new double[][] {{6, 0}, {0, 5}});

  private static SearchSpace space(Offsets offsets) {
    return new SearchSpace(
        List.of(SingularValues.of(FIRST, 0.5), SingularValues.of(SECOND, 0.5)), offsets);
  }

  @Test
  void putsTheVectorsOfTheAdaptersOneAfterAnother() {
    SearchSpace space = space(Offsets.ABSOLUTE);

    List<Factors> moved = space.candidate(0.1, 0.2, 0.3, 0.4);

    assertEquals(4, space.dimension());
    assertClose(new double[][] {{4.1, 0}, {0, 2}}, moved.get(0).a());
    assertClose(new double[][] {{3.2, 0}, {0, 1}}, moved.get(0).b());
    assertClose(new double[][] {{8.3, 0}, {0, 1}}, moved.get(1).a());
    assertClose(new double[][] {{6.4, 0}, {0, 5}}, moved.get(1).b());
  }

  @Test
  void aRelativeOffsetIsAShareOfItsSingularValue() {
    List<Factors> moved = space(Offsets.RELATIVE).candidate(0.5, 0, 0, -1);

    assertClose(new double[][] {{6, 0}, {0, 2}}, moved.get(0).a()); // 4 (1 + 0.5)
    assertClose(new double[][] {{0, 0}, {0, 5}}, moved.get(1).b()); // 6 (1 - 1)
  }

  @Test
  void theZeroVectorGivesTheTrainedFactorsBitForBit() {
    for (Offsets offsets : Offsets.values()) {
      List<Factors> same = space(offsets).candidate(new double[4]);

      assertArrayEquals(FIRST.a(), same.get(0).a());
      assertArrayEquals(SECOND.b(), same.get(1).b());
    }
  }

  @Test
  void theMeanIsOverTheSearchedValuesOfAllAdapters() {
    assertEquals((4 + 3 + 8 + 6) / 4.0, space(Offsets.ABSOLUTE).meanSingularValue(), ROUNDING);
  }

  @Test
  void aSavedDecompositionMakesTheSameCandidates() {
    FactorDecomposition a =
        FactorDecomposition.of("A", new double[][] {{.3, -.1, .4}, {0, .5, .2}});

    FactorDecomposition restored =
        FactorDecomposition.restored(a.factor(), a.left(), a.singularValues(), a.right());

    assertArrayEquals(a.moved(0.05, -0.02), restored.moved(0.05, -0.02));
    assertThrows(
        IllegalArgumentException.class,
        () -> FactorDecomposition.restored(a.factor(), a.left(), new double[] {1}, a.right()));
  }

  @Test
  void refusesNoAdapterAndAVectorOfAnotherLength() {
    assertThrows(
        IllegalArgumentException.class, () -> new SearchSpace(List.of(), Offsets.ABSOLUTE));
    assertThrows(IllegalArgumentException.class, () -> space(Offsets.ABSOLUTE).candidate(0.1, 0.2));
  }

  private static void assertClose(double[][] expected, double[][] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], actual[i], ROUNDING);
    }
  }
}
