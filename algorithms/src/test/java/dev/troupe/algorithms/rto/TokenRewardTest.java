package dev.troupe.algorithms.rto;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenRewardTest {
  private static final float FLOAT = 1e-6f;
  private static final boolean[] SENTENCES = {false, true, false, false};

  /** Shaping with beta1 0.1: 0.1, -0.2, 0.3, 0.4. Penalty with beta2 0.5: 0.1, 0, 0, -0.1. */
  private static final TokenLogps LOGPS =
      new TokenLogps(
          new float[] {-1, -1, -1, -1},
          new float[] {-1.2f, -1, -1, -0.8f},
          new float[] {-1, -4, -1, -1},
          new float[] {-2, -2, -4, -5});

  @Test
  void paysShapingMinusPenaltyAndTheOutcomeAtTheEnd() {
    // 0.1-0.1, -0.2, 0.3, 0.4+0.1+3*2
    assertArrayEquals(
        new float[] {0, -0.2f, 0.3f, 6.5f}, reward(Granularity.TOKEN).of(LOGPS, 2, null), FLOAT);
  }

  @Test
  void paysSentencesOnTheirDelimiterAndTheTailOnTheLastToken() {
    assertArrayEquals(
        new float[] {0, -0.2f, 0, 6.8f},
        reward(Granularity.SENTENCE).of(LOGPS, 2, SENTENCES),
        FLOAT);
    assertArrayEquals(
        new float[] {0, -0.1f, 0, 0.7f},
        reward(Granularity.SENTENCE).shaping(LOGPS, SENTENCES),
        FLOAT);
  }

  @Test
  void paysEverythingAtTheEndOfTheSequence() {
    assertArrayEquals(
        new float[] {0, 0, 0, 6.6f}, reward(Granularity.SEQUENCE).of(LOGPS, 2, null), FLOAT);
  }

  @Test
  void shapingOnlyKeepsTheTotalOfPlainPpo() {
    // the shaping sums to 0.6
    assertArrayEquals(
        new float[] {0, -0.2f, 0.3f, 5.9f},
        reward(Granularity.SHAPING_ONLY).of(LOGPS, 2, null),
        FLOAT);
    assertArrayEquals(
        new float[] {0.1f, -0.2f, 0.3f, -0.2f},
        reward(Granularity.SHAPING_ONLY).shaping(LOGPS, null),
        FLOAT);
  }

  @Test
  void clipsTheShapingOfATokenAndTheOutcome() {
    TokenReward clipped = new TokenReward(0.1, 0, 1, 0.15, 10, Granularity.TOKEN);
    assertArrayEquals(
        new float[] {0.1f, -0.15f, 0.15f, 10.15f}, clipped.of(LOGPS, 25, null), FLOAT);
    TokenReward open = new TokenReward(0.1, 0, 1, 0, 0, Granularity.TOKEN);
    assertArrayEquals(new float[] {0.1f, -0.2f, 0.3f, 25.4f}, open.of(LOGPS, 25, null), FLOAT);
  }

  @Test
  void withoutBeta1AndBeta2NoOtherModelIsNeeded() {
    TokenReward sparse = new TokenReward(0, 0, 1, 0.05, 10, Granularity.TOKEN);
    TokenLogps policyOnly = new TokenLogps(new float[] {-1, -2}, null, null, null);
    assertArrayEquals(new float[] {0, 2}, sparse.of(policyOnly, 2, null));
    assertArrayEquals(new float[2], sparse.shaping(policyOnly, null));
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyResponseAndASingleTokenWork(Granularity granularity) {
    float[] none = new float[0];
    TokenLogps empty = new TokenLogps(none, none, none, none);
    assertArrayEquals(none, reward(granularity).of(empty, 2, new boolean[0]));
    float[] one = {-1};
    TokenLogps single = new TokenLogps(one, one, one, one);
    assertArrayEquals(new float[] {6}, reward(granularity).of(single, 2, new boolean[1]), FLOAT);
  }

  @Test
  void refusesWhatIsMissingOrDoesNotFit() {
    float[] two = new float[2];
    TokenReward token = reward(Granularity.TOKEN);
    assertRefused(
        "dpo is missing, expected 2 log-probabilities because beta1 is 0.1",
        () -> token.of(new TokenLogps(two, two, null, two), 0, null));
    assertRefused(
        "reference has length 1, expected 2 like policy",
        () -> token.of(new TokenLogps(two, new float[1], two, two), 0, null));
    assertRefused(
        "dpoReference at index 0 is NaN, expected a finite number",
        () -> token.of(new TokenLogps(two, two, two, new float[] {Float.NaN, 0}), 0, null));
    assertRefused(
        "outcome at index 0 is NaN, expected a finite number",
        () -> token.of(LOGPS, Double.NaN, null));
    assertRefused(
        "endsSentence is missing, expected one flag for each token because granularity is SENTENCE",
        () -> reward(Granularity.SENTENCE).of(LOGPS, 0, null));
    assertRefused(
        "RTO token reward: beta1 is -1.0, expected 0 or more;"
            + " beta3 is Infinity, expected a finite number;"
            + " granularity is missing, expected one of [TOKEN, SENTENCE, SEQUENCE, SHAPING_ONLY]",
        () -> new TokenReward(-1, 0, Double.POSITIVE_INFINITY, 0, 0, null));
  }

  private static TokenReward reward(Granularity granularity) {
    return new TokenReward(0.1, 0.5, 3, 0, 10, granularity);
  }
}
