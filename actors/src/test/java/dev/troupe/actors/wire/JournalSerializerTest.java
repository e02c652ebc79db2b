package dev.troupe.actors.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.TicketId;
import java.io.NotSerializableException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JournalSerializerTest {
  private final JournalSerializer serializer = new JournalSerializer();

  static Stream<Class<?>> decisions() {
    return Totality.leaves(Decision.class);
  }

  @Test
  void everyDecisionHasAForm() {
    assertEquals(decisions().collect(Collectors.toSet()), new HashSet<>(JournalSerializer.types()));
  }

  @ParameterizedTest
  @MethodSource("decisions")
  void aDecisionComesBackAsItWas(Class<?> type) throws NotSerializableException {
    var random = new Random(type.getName().hashCode());
    for (int i = 0; i < 50; i++) {
      Object decision = new Specimens(random, null).of(type);
      byte[] bytes = serializer.toBinary(decision);

      Object back = serializer.fromBinary(bytes, serializer.manifest(decision));

      assertEquals(Specimens.plain(decision), Specimens.plain(back));
      assertArrayEquals(bytes, serializer.toBinary(back));
    }
  }

  private String hex(Object decision) {
    return HexFormat.of().formatHex(serializer.toBinary(decision));
  }

  @Test
  void theBytesOfDecisionsStayWhatTheyAre() {
    // Format 1, then texts behind their lengths and counts in groups of seven bits: 300 = ac02.
    assertEquals("01" + "026162" + "0163", hex(new Decision.RunBegun("ab", "c")));
    assertEquals(
        "01" + "0473746570" + "ac02" + "05", hex(new Decision.CheckpointSaved("step", 300, 5)));
    assertEquals("01" + "01" + "026e6f", hex(new Decision.RunEnded(new RunOutcome.Stopped("no"))));
    assertEquals(
        "01" + "00" + "01" + "0161" + "0162",
        hex(new Decision.RunEnded(new RunOutcome.Completed(Map.of("a", "b")))));
    // Versions: step 0; the policy, new (00), epoch 0, number 0, digest of 32 bytes; the scoring
    // models, new, none of four; no candidates.
    String versions =
        "00" + "00" + "00" + "00" + Samples.version(0).digest() + "00" + "00000000" + "00";
    assertEquals(
        "01" + "02" + "0161" + versions,
        hex(new Decision.StageOpened(2, "a", Samples.versions(0))));
    assertEquals(
        "01" + "0161" + versions, hex(new Decision.StageConcluded("a", Samples.versions(0))));
    // Two tickets: the phase, new, of one letter, 5; the phase again (01: the first seen), 6. The
    // digest is the second thing seen and its models the third. Loss 1.5, little-endian.
    var trained =
        new Decision.StepTrained(
            "a", List.of(new TicketId("p", 5), new TicketId("p", 6)), Samples.versions(0), 1.5);
    assertEquals(
        "01" + "0161" + "02" + "00" + "0170" + "05" + "01" + "06" + versions + "000000000000f83f",
        hex(trained));
  }

  @Test
  void aJournalOfANewerProgramIsRefusedWithASentence() {
    byte[] bytes = serializer.toBinary(new Decision.RunBegun("ab", "c"));
    bytes[0] = 2;

    var refused =
        assertThrows(
            NotSerializableException.class, () -> serializer.fromBinary(bytes, "run-begun"));

    assertEquals(
        "A decision \"run-begun\" came in format 2, but this program reads format 1; the journal was written by a newer program: go on with that one.",
        refused.getMessage());
  }
}
