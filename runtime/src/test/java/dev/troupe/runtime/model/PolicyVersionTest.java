package dev.troupe.runtime.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyVersionTest {
  private static final String DIGEST = "0123456789abcdef".repeat(4);

  @Test
  void ordersByEpochBeforeNumber() {
    var old = new PolicyVersion(0, 9, DIGEST);
    var restarted = new PolicyVersion(1, 3, DIGEST);
    assertTrue(restarted.isNewerThan(old));
    assertTrue(new PolicyVersion(0, 10, DIGEST).isNewerThan(old));
    assertFalse(old.isNewerThan(old));
  }

  @Test
  void showsTheBeginningOfItsDigest() {
    assertEquals("1.12@01234567", new PolicyVersion(1, 12, DIGEST).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0123", "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"})
  void refusesADigestThatIsNotLowerCaseSha256(String digest) {
    assertThrows(IllegalArgumentException.class, () -> new PolicyVersion(0, 0, digest));
  }

  @Test
  void refusesNegativeCounters() {
    assertThrows(IllegalArgumentException.class, () -> new PolicyVersion(-1, 0, DIGEST));
    assertThrows(IllegalArgumentException.class, () -> new PolicyVersion(0, -1, DIGEST));
  }
}
