package dev.troupe.runtime.disk;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomTest {
  private static final long MIB = 1L << 20;

  @TempDir private Path run;
  private final AtomicLong free = new AtomicLong();

  private DiskRoom room(long keepFreeMib) {
    return new DiskRoom(run, keepFreeMib * MIB, free::get);
  }

  @Test
  void refusesWhatWouldNotLeaveEnoughFreeAndNamesWhatTakesMost() throws IOException {
    Path rollouts = Files.createDirectories(run.resolve("rollouts"));
    Files.write(rollouts.resolve("a.parquet"), new byte[(int) (3 * MIB)]);
    free.set(150 * MIB);

    assertDoesNotThrow(() -> room(100).require(50 * MIB, "a checkpoint"));
    var refused =
        assertThrows(
            DiskFullException.class, () -> room(100).require(50 * MIB + 1, "a checkpoint"));

    String sentence = refused.getMessage();
    assertTrue(sentence.contains("no room for a checkpoint of 50 MiB"), sentence);
    assertTrue(sentence.contains("150 MiB free, of which 100 MiB"), sentence);
    assertTrue(sentence.contains("rollouts/ 3 MiB (records.rollouts.most-mib"), sentence);
  }

  @Test
  void warnsOnceWhenTwiceWhatIsToStayFreeIsLeftAndAgainAfterRoomWasMade() {
    DiskRoom room = room(100);
    free.set(200 * MIB);
    assertEquals(Optional.empty(), room.warning());
    free.set(200 * MIB - 1);
    assertTrue(room.warning().orElseThrow().contains("199 MiB free"));
    assertEquals(Optional.empty(), room.warning());

    free.set(300 * MIB);
    assertEquals(Optional.empty(), room.warning());
    free.set(120 * MIB);
    assertTrue(room.warning().isPresent());
  }

  @Test
  void aLimitOfZeroWatchesNothing() {
    assertDoesNotThrow(() -> room(0).require(Long.MAX_VALUE, "anything"));
    assertEquals(Optional.empty(), room(0).warning());
  }

  @Test
  void theDiskOfADirectoryThatDoesNotExistYetIsThatOfTheOneAboveIt() {
    DiskRoom room = DiskRoom.of(run.resolve("not").resolve("yet"), 1);
    assertDoesNotThrow(() -> room.require(0, "a beginning"));
  }
}
