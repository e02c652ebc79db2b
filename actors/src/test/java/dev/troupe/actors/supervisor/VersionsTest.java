package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.VersionSet;
import org.junit.jupiter.api.Test;

class VersionsTest {
  private final Versions versions = new Versions();

  @Test
  void neverGoBack() {
    versions.add(Samples.versions(5));

    var older = new VersionSet(6, Samples.version(4), ScoringModels.NONE);
    assertThrows(IllegalStateException.class, () -> versions.add(older));
    assertThrows(IllegalStateException.class, () -> versions.add(Samples.versions(5)));
    assertEquals(5, versions.newest().step());
  }

  @Test
  void mayStayWhereNobodySamples() {
    versions.add(Samples.versions(5));
    versions.add(new VersionSet(6, Samples.version(5), ScoringModels.NONE));

    assertEquals(Samples.version(5), versions.at(6).policy());
  }
}
