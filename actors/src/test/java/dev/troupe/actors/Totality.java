package dev.troupe.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Java 17 cannot prove that a protocol is handled in full; this compares it with what a test sent.
 */
public final class Totality {
  private Totality() {}

  public static void assertCovers(Class<?> protocol, Collection<?> samples) {
    Set<String> all =
        Arrays.stream(protocol.getPermittedSubclasses())
            .map(Class::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> sent =
        samples.stream()
            .map(sample -> sample.getClass().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(all, sent, "commands without a sample in the test");
  }
}
