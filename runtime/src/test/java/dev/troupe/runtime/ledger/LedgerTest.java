package dev.troupe.runtime.ledger;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.lock.DirectoryLockTest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  private static final long LARGE = 1 << 20;

  @TempDir Path directory;

  @Test
  void readsBackWhatWasWrittenAlsoAfterItIsOpenedAnew() {
    try (Ledger ledger = open(LARGE)) {
      ledger.write(List.of(entry("grpo", 0, 100), entry("grpo", 1, 0), entry("ppo", 0, 7)));
      assertEquals(3, ledger.size());
      assertHolds(ledger, "grpo", 0, 100);
    }
    try (Ledger ledger = open(LARGE)) {
      assertEquals(List.of(), ledger.findings());
      assertEquals(3, ledger.size());
      assertHolds(ledger, "grpo", 0, 100);
      assertHolds(ledger, "grpo", 1, 0);
      assertHolds(ledger, "ppo", 0, 7);
      assertTrue(ledger.read(new LedgerKey("grpo", 2)).isEmpty());
    }
  }

  /** The virtual machine tells of every file that was synchronised; nothing else can see it. */
  @Test
  void everyWriteIsSynchronisedBeforeItReturns() throws IOException {
    try (Ledger ledger = open(LARGE)) {
      ledger.write(List.of(entry("grpo", 0, 10))); // Makes the segment.

      assertEquals(1, synchronised(() -> ledger.write(List.of(entry("grpo", 1, 10)))));
      assertEquals(
          1, synchronised(() -> ledger.write(List.of(entry("grpo", 2, 10), entry("grpo", 3, 10)))));
    }
  }

  /** How often the segment was synchronised while something was done. */
  private long synchronised(Runnable work) throws IOException {
    Path told = directory.resolve("told.jfr");
    try (var recording = new Recording()) {
      recording.enable("jdk.FileForce").withoutThreshold();
      recording.start();
      work.run();
      recording.stop();
      recording.dump(told);
    }
    String segment = segments().get(0).toString();
    return RecordingFile.readAllEvents(told).stream()
        .filter(event -> segment.equals(event.getString("path")))
        .count();
  }

  @Test
  void laysAnEntryOutAsDocumented() throws IOException {
    try (Ledger ledger = open(LARGE)) {
      ledger.write(
          List.of(new Ledger.Entry(new LedgerKey("p", 3), ByteBuffer.wrap(new byte[] {7}))));
    }
    // "TRRP", 12 bytes, their CRC32C (Castagnoli, computed bit by bit with the polynomial
    // 0x82F63B78), ordinal 3, one byte of phase: "p", payload 7.
    assertEquals(
        "54525250"
            + "0c000000"
            + crc("0300000000000000" + "0100" + "70" + "07")
            + "0300000000000000"
            + "0100"
            + "70"
            + "07",
        HexFormat.of().formatHex(Files.readAllBytes(segments().get(0))));
  }

  @Test
  void dropsTheTornEndOfACrashWhereverItWasCutAndSaysSo() throws IOException {
    try (Ledger ledger = open(LARGE)) {
      ledger.write(List.of(entry("grpo", 0, 50)));
      ledger.write(List.of(entry("grpo", 1, 60)));
    }
    byte[] whole = Files.readAllBytes(segments().get(0));
    int second = 12 + 10 + 4 + 50; // header, ordinal and length of the phase, phase, payload
    for (int cut = second + 1; cut < whole.length; cut++) {
      Files.write(segments().get(0), Arrays.copyOf(whole, cut));
      try (Ledger ledger = open(LARGE)) {
        assertEquals(1, ledger.size(), "cut at " + cut);
        assertHolds(ledger, "grpo", 0, 50);
        assertEquals(1, ledger.findings().size());
        assertTrue(
            ledger.findings().get(0).contains((cut - second) + " bytes of an unfinished write"),
            ledger.findings().get(0));
      }
      try (Ledger ledger = open(LARGE)) {
        assertEquals(List.of(), ledger.findings());
      }
    }
  }

  @Test
  void leavesOutADamagedEntryAndKeepsThoseAroundIt() throws IOException {
    try (Ledger ledger = open(LARGE)) {
      ledger.write(List.of(entry("grpo", 0, 50), entry("grpo", 1, 50), entry("grpo", 2, 50)));
    }
    long each = 12 + 10 + 4 + 50;
    for (long place = each; place < 2 * each; place++) {
      flip(place);
      try (Ledger ledger = open(LARGE)) {
        assertEquals(2, ledger.size(), "damaged at " + place);
        assertHolds(ledger, "grpo", 0, 50);
        assertHolds(ledger, "grpo", 2, 50);
        assertTrue(ledger.findings().get(0).contains(each + " damaged bytes"));
      }
      flip(place);
    }
  }

  @Test
  void noticesDamageThatHappensWhileItIsOpen() throws IOException {
    try (Ledger ledger = open(LARGE)) {
      ledger.write(List.of(entry("grpo", 0, 50)));
      flip(40);
      assertTrue(ledger.read(new LedgerKey("grpo", 0)).isEmpty());
    }
  }

  @Test
  void theLastEntryOfANameCounts() {
    try (Ledger ledger = open(1)) {
      ledger.write(List.of(entry("grpo", 0, 50)));
      ledger.write(List.of(entry("grpo", 0, 60)));
      assertHolds(ledger, "grpo", 0, 60);
    }
    try (Ledger ledger = open(1)) {
      assertEquals(1, ledger.size());
      assertHolds(ledger, "grpo", 0, 60);
    }
  }

  @Test
  void deletesSegmentsWhoseEntriesAreAllForgotten() throws IOException {
    try (Ledger ledger = open(1)) {
      for (int i = 0; i < 5; i++) {
        ledger.write(List.of(entry("grpo", i, 10)));
      }
      assertEquals(5, segments().size());
      ledger.forgetBefore("grpo", 3);
      assertEquals(2, segments().size());
      assertEquals(2, ledger.size());
      assertTrue(ledger.read(new LedgerKey("grpo", 2)).isEmpty());
      assertHolds(ledger, "grpo", 3, 10);
    }
    try (Ledger ledger = open(1)) {
      assertEquals(2, ledger.size());
      ledger.write(List.of(entry("grpo", 9, 10))); // No number of a segment is used twice.
      assertHolds(ledger, "grpo", 4, 10);
    }
  }

  @Test
  void keepsForgottenSegmentsInTheArchiveWhenAllAreToBeKept() throws IOException {
    try (Ledger ledger = Ledger.open(directory, Ledger.Retention.ALL, 1)) {
      ledger.write(List.of(entry("grpo", 0, 10)));
      ledger.write(List.of(entry("ppo", 0, 10)));
      ledger.forget("grpo");
      assertEquals(1, segments().size());
      assertTrue(Files.exists(directory.resolve("archive/00000001.ledger")));
    }
    try (Ledger ledger = Ledger.open(directory, Ledger.Retention.ALL, 1)) {
      assertEquals(1, ledger.size());
    }
  }

  @Test
  void refusesAFileThatIsNotItsOwn() throws IOException {
    Files.writeString(directory.resolve("notes.ledger"), "mine");
    LedgerException refusal = assertThrows(LedgerException.class, () -> open(LARGE));
    assertTrue(refusal.getMessage().contains("notes.ledger"), refusal.getMessage());
  }

  @Test
  void saysWhichDirectoryCannotBeWritten() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    LedgerException refusal =
        assertThrows(
            LedgerException.class, () -> Ledger.open(file, Ledger.Retention.REPLAY, LARGE));
    assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
    assertFalse(refusal.getMessage().isBlank());
  }

  @Test
  void isHeldByOneAtATime() {
    try (Ledger ledger = open(LARGE)) {
      LedgerException refusal = assertThrows(LedgerException.class, () -> open(LARGE));

      assertEquals(
          "Cannot open %s: it is in use by %s; wait for it to end."
              .formatted(directory, DirectoryLockTest.ownName()),
          refusal.getMessage());
      ledger.write(List.of(entry("grpo", 0, 50))); // It does not mind.
    }
    open(LARGE).close();
  }

  @Test
  void showsWhatIsThereWithoutChangingIt() throws IOException {
    var seen = new ArrayList<LedgerKey>();
    Ledger.visit(directory.resolve("nowhere"), entry -> seen.add(entry.key()));
    assertEquals(List.of(), seen);
    try (Ledger ledger = open(1)) {
      ledger.write(List.of(entry("grpo", 0, 50)));
      ledger.write(List.of(entry("grpo", 1, 50)));
      byte[] whole = Files.readAllBytes(segments().get(1));
      Files.write(segments().get(1), Arrays.copyOf(whole, whole.length - 1));

      Ledger.visit(
          directory,
          entry -> {
            seen.add(entry.key());
            byte[] payload = new byte[entry.payload().remaining()];
            entry.payload().get(payload);
            assertArrayEquals(content("grpo", 0, 50), payload);
          });

      assertEquals(List.of(new LedgerKey("grpo", 0)), seen);
      assertEquals(whole.length - 1, Files.size(segments().get(1)));
    }
  }

  @Test
  void listsTheKeysOfAPhaseByOrdinal() {
    try (Ledger ledger = open(LARGE)) {
      ledger.write(List.of(entry("grpo", 7, 1), entry("ppo", 0, 1), entry("grpo", 2, 1)));

      assertEquals(
          List.of(new LedgerKey("grpo", 2), new LedgerKey("grpo", 7)), ledger.keys("grpo"));
    }
  }

  private Ledger open(long segmentBytes) {
    return Ledger.open(directory, Ledger.Retention.REPLAY, segmentBytes);
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".ledger")).sorted().toList();
    }
  }

  private void flip(long position) throws IOException {
    try (var file = new RandomAccessFile(segments().get(0).toFile(), "rw")) {
      file.seek(position);
      int before = file.read();
      file.seek(position);
      file.write(before ^ 0x10);
    }
  }

  private static Ledger.Entry entry(String phase, long ordinal, int bytes) {
    return new Ledger.Entry(
        new LedgerKey(phase, ordinal), ByteBuffer.wrap(content(phase, ordinal, bytes)));
  }

  private static byte[] content(String phase, long ordinal, int bytes) {
    byte[] content = new byte[bytes];
    new Random(phase.hashCode() + ordinal).nextBytes(content);
    return content;
  }

  private static void assertHolds(Ledger ledger, String phase, long ordinal, int bytes) {
    ByteBuffer payload = ledger.read(new LedgerKey(phase, ordinal)).orElseThrow();
    byte[] held = new byte[payload.remaining()];
    payload.get(held);
    assertArrayEquals(content(phase, ordinal, bytes), held);
  }

  /** CRC32C of bytes in hexadecimal digits, little endian, straight from its definition. */
  private static String crc(String hex) {
    int crc = -1;
    for (byte value : HexFormat.of().parseHex(hex)) {
      crc ^= value & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) * 0x82F63B78);
      }
    }
    return "%08x".formatted(Integer.reverseBytes(~crc));
  }
}
