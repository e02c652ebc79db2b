package dev.troupe.algorithms.aggregation;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AggregationTest {
  /** Two responses and an empty one: 5 tokens, 3 rows. */
  private static final int[] LENGTHS = {4, 1, 0};

  @Test
  void tokenMeanSharesOneAmongTheTokensOfTheBatch() {
    assertWeights(Aggregation.TOKEN_MEAN, 1f / 5, 1f / 5);
  }

  @Test
  void sequenceMeanGivesEveryResponseTheSameTotal() {
    assertWeights(Aggregation.SEQUENCE_MEAN_TOKEN_MEAN, 1f / 3 / 4, 1f / 3);
  }

  @Test
  void sequenceMeanOfTokenSumsDividesByTheRows() {
    assertWeights(Aggregation.SEQUENCE_MEAN_TOKEN_SUM, 1f / 3, 1f / 3);
  }

  @Test
  void constantLengthCountsEmptyRows() {
    assertWeights(Aggregation.CONSTANT_LENGTH, 1f / (3 * 8), 1f / (3 * 8));
  }

  private static void assertWeights(Aggregation aggregation, float first, float second) {
    float[][] expected = {{first, first, first, first}, {second}, {}};
    assertEqualRows(expected, aggregation.weights(LENGTHS, 8));
  }

  @ParameterizedTest
  @EnumSource
  void aMaskWithHolesWeighsTheTokensThatCountLikeAShorterResponse(Aggregation aggregation) {
    float[][] masks = {{0, 1, 0, 1, 1, 1}, {1, 0}, {0}};
    float[][] byLength = aggregation.weights(LENGTHS, 8);
    float w = byLength[0][0];
    float v = byLength[1][0];
    assertEqualRows(new float[][] {{0, w, 0, w, w, w}, {v, 0}, {0}}, aggregation.weights(masks, 8));
  }

  @ParameterizedTest
  @EnumSource
  void aBatchWithoutTokensHasNoWeights(Aggregation aggregation) {
    assertEqualRows(new float[][] {{}, {}}, aggregation.weights(new int[2], 8));
    assertEqualRows(new float[][] {{0, 0}}, aggregation.weights(new float[1][2], 8));
  }

  private static void assertEqualRows(float[][] expected, float[][] actual) {
    assertEquals(expected.length, actual.length);
    for (int b = 0; b < expected.length; b++) {
      // The last bit may differ: 1 / 3 / 4 and 1 / 12 are rounded differently.
      assertArrayEquals(expected[b], actual[b], 1e-8f);
    }
  }

  @Test
  void refusesWhatIsNoBatch() {
    assertRefused(
        "the batch has 0 responses, expected at least 1",
        () -> Aggregation.TOKEN_MEAN.weights(new int[0], 0));
    assertRefused(
        "lengths[1] is -2, expected 0 or more tokens",
        () -> Aggregation.TOKEN_MEAN.weights(new int[] {1, -2}, 0));
    assertRefused(
        "constantLength is 0, expected at least 1 token for CONSTANT_LENGTH",
        () -> Aggregation.CONSTANT_LENGTH.weights(LENGTHS, 0));
    assertRefused(
        "constantLength is 0, expected at least 1 token for CONSTANT_LENGTH",
        () -> Aggregation.CONSTANT_LENGTH.weights(new float[][] {{1}}, 0));
    assertEquals(1, Aggregation.CONSTANT_LENGTH.weights(new int[] {1}, 1)[0][0]);
  }

  @Test
  void refusesMasksThatAreNotZeroOrOne() {
    assertRefused(
        "masks[0][1] is 0.5, expected 0 or 1",
        () -> Aggregation.TOKEN_MEAN.weights(new float[][] {{1f, 0.5f}}, 0));
    assertRefused(
        "masks[0][0] is NaN, expected 0 or 1",
        () -> Aggregation.TOKEN_MEAN.weights(new float[][] {{Float.NaN}}, 0));
  }
}
