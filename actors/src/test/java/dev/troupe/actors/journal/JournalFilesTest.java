package dev.troupe.actors.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.ledger.LedgerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFilesTest {
  private static final String RUN = "small";

  /** Four writes; the third is of two decisions that belong together. */
  private static final List<DecisionBatch> BATCHES =
      List.of(
          batch(1, new Decision.RunBegun(RUN, "settings")),
          batch(2, new Decision.StageOpened(0, "sft", Samples.versions(0))),
          batch(3, trained(1), trained(2)),
          batch(5, trained(3)));

  @TempDir private Path folder;

  private static DecisionBatch batch(long first, Decision... decisions) {
    return new DecisionBatch(first, "writer", 1_700_000_000_000L, List.of(decisions));
  }

  private static Decision trained(long step) {
    return new Decision.StepTrained("sft", List.of(), Samples.versions(step), 0.5);
  }

  /** Writes each batch by itself, as they are acknowledged one by one. */
  private void write(List<DecisionBatch> batches) {
    try (JournalFiles files = JournalFiles.open(folder)) {
      batches.forEach(batch -> files.write(RUN, List.of(batch)));
    }
  }

  private List<DecisionBatch> read() {
    try (JournalFiles files = JournalFiles.open(folder)) {
      return files.read(RUN);
    }
  }

  private Path segment(int number) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".ledger"))
          .sorted()
          .toList()
          .get(number);
    }
  }

  @Test
  void whatWasWrittenIsThereAfterARestart() {
    write(BATCHES);

    assertEquals(BATCHES, read());
    assertEquals(BATCHES, JournalFiles.look(folder, RUN));
    assertEquals(List.of(), JournalFiles.look(folder, "another"));
    try (JournalFiles files = JournalFiles.open(folder)) {
      assertEquals(5, files.last(RUN));
      assertEquals(0, files.last("another"));
    }
  }

  @Test
  void aWriteThatWasCutOffAnywhereTakesNothingElseWithIt() throws IOException {
    write(BATCHES.subList(0, 3));
    int acknowledged = (int) Files.size(segment(0));
    Files.delete(segment(0));
    write(BATCHES);
    byte[] whole = Files.readAllBytes(segment(0));
    for (int cut = acknowledged; cut < whole.length; cut++) {
      Files.write(segment(0), Arrays.copyOf(whole, cut));

      assertEquals(BATCHES.subList(0, 3), JournalFiles.look(folder, RUN), "cut at " + cut);
      assertEquals(BATCHES.subList(0, 3), read(), "cut at " + cut);
    }
    // What comes next takes the place of what was cut off.
    write(BATCHES.subList(3, 4));
    assertEquals(BATCHES, read());
  }

  @Test
  void decisionsThatBelongTogetherAreThereTogetherOrNotAtAll() throws IOException {
    write(BATCHES.subList(0, 2));
    int before = (int) Files.size(segment(0));
    Files.delete(segment(0));
    write(BATCHES.subList(0, 3));
    byte[] whole = Files.readAllBytes(segment(0));
    for (int cut = before; cut < whole.length; cut++) {
      Files.write(segment(0), Arrays.copyOf(whole, cut));

      assertEquals(BATCHES.subList(0, 2), read(), "cut at " + cut);
    }
  }

  @Test
  void aBitThatFlippedInTheLastWriteLeavesTheDecisionsBeforeIt() throws IOException {
    write(BATCHES.subList(0, 3));
    int acknowledged = (int) Files.size(segment(0));
    Files.delete(segment(0));
    write(BATCHES);
    byte[] whole = Files.readAllBytes(segment(0));
    for (int bit = acknowledged * 8; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(segment(0), flipped);

      assertEquals(BATCHES.subList(0, 3), JournalFiles.look(folder, RUN), "bit " + bit);
    }
  }

  @Test
  void aBitThatFlippedBeforeTheLastWriteIsToldAndNothingIsChanged() throws IOException {
    write(BATCHES);
    byte[] whole = Files.readAllBytes(segment(0));
    var lengths = new ArrayList<Integer>();
    for (int batches = 1; batches <= 3; batches++) {
      Files.delete(segment(0));
      write(BATCHES.subList(0, batches));
      lengths.add((int) Files.size(segment(0)));
    }
    for (int bit = 0; bit < lengths.get(2) * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(segment(0), flipped);
      int place = bit / 8;
      int lost = place < lengths.get(0) ? 1 : place < lengths.get(1) ? 2 : 3;

      var refused = assertThrows(RunException.class, () -> JournalFiles.look(folder, RUN));

      assertEquals(
          "The journal in %s is damaged: decision %d cannot be read; put back a copy of the folder, or give this run another name or directory to start it anew."
              .formatted(folder, lost),
          refused.getMessage());
    }
    assertEquals(whole.length, Files.size(segment(0)));
  }

  @Test
  void whatAnEarlierProcessWroteLastMustBeThereToo() throws IOException {
    write(BATCHES.subList(0, 2));
    write(BATCHES.subList(2, 4));
    byte[] first = Files.readAllBytes(segment(0));
    Files.write(segment(0), Arrays.copyOf(first, first.length - 1));

    var refused = assertThrows(RunException.class, () -> JournalFiles.look(folder, RUN));

    assertTrue(refused.getMessage().contains("decision 2 cannot be read"), refused.getMessage());
  }

  @Test
  void aSecondWriterIsToldWhoTheFirstIs() {
    try (JournalFiles files = JournalFiles.open(folder)) {
      files.write(RUN, BATCHES);

      var refused = assertThrows(LedgerException.class, () -> JournalFiles.open(folder));

      assertTrue(
          refused.getMessage().contains("in use by process " + ProcessHandle.current().pid()),
          refused.getMessage());
      assertEquals(BATCHES, JournalFiles.look(folder, RUN));
    }
    assertEquals(BATCHES, read());
  }
}
