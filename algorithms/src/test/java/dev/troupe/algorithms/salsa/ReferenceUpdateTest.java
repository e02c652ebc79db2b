package dev.troupe.algorithms.salsa;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.algorithms.salsa.ReferenceUpdate.Shares;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReferenceUpdateTest {
  private static final double EXACT = 1e-12;

  @Test
  void givesTheSharesOfItsRule() {
    assertEquals(new Shares(1, 0), ReferenceUpdate.FIXED.shares(5, 0.9));
    assertEquals(new Shares(0, 1), ReferenceUpdate.COPY.shares(5, 0.9));
    assertEquals(new Shares(0.75, 0.25), ReferenceUpdate.EMA.shares(5, 0.75));
    assertEquals(new Shares(0.5, 0.5), ReferenceUpdate.SOUP.shares(1, 0.9));
    assertEquals(new Shares(0.75, 0.25), ReferenceUpdate.SOUP.shares(3, 0.9));
  }

  @Test
  void aSoupIsThePlainAverageOfAllPolicies() {
    double reference = 10;
    double[] policies = {20, 60, 30};
    for (int n = 1; n <= policies.length; n++) {
      Shares shares = ReferenceUpdate.SOUP.shares(n, 0);
      reference = shares.reference() * reference + shares.policy() * policies[n - 1];
    }
    assertEquals((10 + 20 + 60 + 30) / 4.0, reference, EXACT);
  }

  @ParameterizedTest
  @EnumSource
  void sharesSumToOne(ReferenceUpdate update) {
    for (long n : new long[] {1, 2, 3, 7, 1_000_000}) {
      Shares shares = update.shares(n, 0.99);
      assertEquals(1, shares.reference() + shares.policy(), ModelSoup.SHARE_TOLERANCE);
    }
  }

  @Test
  void refusesUpdatesBeforeTheFirstAndDecaysThatAreNoShare() {
    assertRefused(
        "update is 0, expected 1 for the first update, 2 for the second, ...",
        () -> ReferenceUpdate.SOUP.shares(0, 0.9));
    assertRefused(
        "decay is 1.1, expected a number in [0.0, 1.0]", () -> ReferenceUpdate.EMA.shares(1, 1.1));
    ReferenceUpdate.SOUP.shares(1, 1.1);
  }
}
