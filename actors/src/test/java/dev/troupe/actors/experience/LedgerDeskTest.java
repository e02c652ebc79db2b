package dev.troupe.actors.experience;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.disk.DiskRoom;
import dev.troupe.runtime.ledger.Ledger;
import dev.troupe.runtime.ledger.LedgerException;
import dev.troupe.runtime.model.PolicyVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerDeskTest {
  private static final List<Ticket> FIRST_EPOCH = tickets(0, Samples.version(0).digest());

  @TempDir private Path directory;

  /** Tickets of a step, bound to a policy and a reference, in some epoch. */
  private static List<Ticket> tickets(int epoch, String digest) {
    var policy = new PolicyVersion(epoch, 0, digest);
    var reference = new PolicyVersion(epoch, 1000, Samples.version(1000).digest());
    return Samples.unit(new VersionSet(0, policy, new ScoringModels(reference, null, null, null)))
        .tickets();
  }

  private static FinishedGroup finished(Ticket ticket) {
    return new FinishedGroup(
        new ScoredGroup(
            Samples.group(ticket), Samples.rewards(ticket).outcomes(), Samples.reference(ticket)),
        500,
        10);
  }

  private static <T> T done(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private LedgerDesk desk() {
    return new LedgerDesk(directory, Ledger.Retention.REPLAY, DiskRoom.of(directory, 0));
  }

  private void writeAll() throws Exception {
    try (LedgerDesk desk = desk()) {
      for (Ticket ticket : FIRST_EPOCH) {
        done(desk.write(finished(ticket)));
      }
    }
  }

  @Test
  void aGroupAnswersTheSameTicketOfALaterEpoch() throws Exception {
    writeAll();
    List<Ticket> later = tickets(3, Samples.version(0).digest());

    try (LedgerDesk desk = desk()) {
      List<FinishedGroup> found = done(desk.recall(later));

      assertEquals(later, found.stream().map(FinishedGroup::ticket).toList());
      FinishedGroup group = found.get(1);
      FinishedGroup written = finished(FIRST_EPOCH.get(1));
      assertEquals(written.facts(), group.facts());
      assertEquals(later.get(1).scoring(), group.scored().reference().models());
      assertArrayEquals(
          written.scored().group().rollouts().get(1).tokens(),
          group.scored().group().rollouts().get(1).tokens());
      assertEquals(written.scored().outcomes(), group.scored().outcomes());
    }
  }

  @Test
  void aGroupOfOtherWeightsDoesNotCount() throws Exception {
    writeAll();

    try (LedgerDesk desk = desk()) {
      assertEquals(List.of(), done(desk.recall(tickets(3, Samples.version(5).digest()))));
    }
  }

  @Test
  void aDamagedGroupIsNotFoundAndTheOthersAre() throws Exception {
    writeAll();
    Path segment = segments().get(0);
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length / 4] ^= 1; // In the first of two entries of the same size.
    Files.write(segment, bytes);

    try (LedgerDesk desk = desk()) {
      List<FinishedGroup> found = done(desk.recall(FIRST_EPOCH));

      assertEquals(List.of(FIRST_EPOCH.get(1)), found.stream().map(FinishedGroup::ticket).toList());
    }
  }

  @Test
  void whatIsReleasedTakesNoRoomAfterTheNextStart() throws Exception {
    writeAll();
    try (LedgerDesk desk = desk()) {
      done(desk.recall(FIRST_EPOCH));
      desk.release("grpo", Long.MAX_VALUE);
      assertEquals(List.of(), done(desk.recall(FIRST_EPOCH)));
    }

    assertEquals(List.of(), segments());
  }

  @Test
  void aLedgerThatCannotBeWrittenFailsWithASentence() throws Exception {
    Files.writeString(directory.resolve("in-the-way"), "");
    try (var desk =
        new LedgerDesk(
            directory.resolve("in-the-way"), Ledger.Retention.REPLAY, DiskRoom.of(directory, 0))) {
      var failure =
          assertThrows(
              ExecutionException.class, () -> done(desk.write(finished(FIRST_EPOCH.get(0)))));

      assertTrue(failure.getCause() instanceof LedgerException, failure.toString());
    }
  }

  private List<Path> segments() throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".ledger")).toList();
    }
  }
}
