package dev.troupe.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Java 17 cannot prove that a protocol is handled in full; this compares it with what a test sent.
 */
public final class Totality {
  private Totality() {}

  public static void assertCovers(Class<?> protocol, Collection<?> samples) {
    Set<String> all =
        leaves(protocol).map(Class::getSimpleName).collect(Collectors.toCollection(TreeSet::new));
    Set<String> sent =
        samples.stream()
            .map(sample -> sample.getClass().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(all, sent, "commands without a sample in the test");
  }

  /** The records of a protocol, also those of the interfaces that it is divided into. */
  public static Stream<Class<?>> leaves(Class<?> protocol) {
    return Arrays.stream(protocol.getPermittedSubclasses())
        .flatMap(type -> type.isInterface() ? leaves(type) : Stream.of(type));
  }
}
