package dev.troupe.runtime.record;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardLogTest {
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);

  @TempDir Path directory;

  private static StepMetrics step(long step, double loss) {
    return new StepMetrics("grpo", step, 900, 0, Map.of("loss", loss));
  }

  @Test
  void masksTheStandardCheckValueOfCrc32c() {
    // CRC32C("123456789") = e3069283 (RFC 3720 and Rocksoft's catalogue). Rotated right by 15:
    // 2507c60d; plus a282ead8: c78ab0e5.
    byte[] digits = "123456789".getBytes(US_ASCII);
    assertEquals(0xc78ab0e5, TensorBoardEvent.maskedCrc(digits, 0, digits.length));
  }

  @Test
  void opensLikeEveryFileOfTensorFlow() {
    // 8 length bytes (24 = 1 + 8 for the time, 2 + 13 for the version) and their masked CRC: the
    // well-known first bytes of an event file, 18 00 .. 00 a3 7f 4b 22 09.
    byte[] record = TensorBoardEvent.frame(TensorBoardEvent.fileVersion(1.0));
    assertEquals(
        "18 00 00 00 00 00 00 00 a3 7f 4b 22 "
            + "09 00 00 00 00 00 00 f0 3f " // field 1, 64 bits: 1.0
            + "1a 0d 62 72 61 69 6e 2e 45 76 65 6e 74 3a 32", // field 3, 13 bytes: brain.Event:2
        HEX.formatHex(record, 0, record.length - 4));
  }

  @Test
  void encodesAScalarByteForByte() {
    assertEquals(
        "09 00 00 00 00 00 00 00 40 " // field 1, 64 bits: 2.0
            + "10 ac 02 " // field 2, varint 300 = 0b10_0101100
            + "2a 0d " // field 5, 13 bytes: summary
            + "0a 0b " // field 1, 11 bytes: value
            + "0a 04 6c 6f 73 73 " // field 1, 4 bytes: "loss"
            + "15 00 00 20 c0", // field 2, 32 bits: -2.5
        HEX.formatHex(TensorBoardEvent.scalars(2.0, 300, Map.of("loss", -2.5))));
  }

  @Test
  void readsBackWhatItWrote() throws IOException {
    try (var log = new TensorBoardLog(directory, CLOCK)) {
      log.append(step(1, 0.5));
      log.append(step(300, Double.NaN));
    }
    assertEquals(
        List.of("version brain.Event:2", "step 1 loss 0.5 at 1.7E9", "step 300 loss NaN at 1.7E9"),
        events("grpo"));
  }

  @Test
  void aResumedRunStartsANewFileAndTellsFromWhichStepOn() throws IOException {
    for (int from : new int[] {1, 2}) {
      try (var log = new TensorBoardLog(directory, CLOCK)) {
        log.append(step(from, 0.5));
        log.append(step(from + 1, 0.25));
      }
    }
    assertEquals(
        List.of(
            "version brain.Event:2",
            "step 1 loss 0.5 at 1.7E9",
            "step 2 loss 0.25 at 1.7E9",
            "version brain.Event:2",
            "start at step 2",
            "step 2 loss 0.5 at 1.7E9",
            "step 3 loss 0.25 at 1.7E9"),
        events("grpo"));
  }

  @Test
  void stagesLieSideBySideUnderNamesThatStayInside() throws IOException {
    try (var log = new TensorBoardLog(directory, CLOCK)) {
      log.append(new StepMetrics("../a b", 1, 1, 0, Map.of("loss", 1.0)));
      log.append(step(1, 1.0));
    }
    try (var names = Files.list(directory)) {
      assertEquals(
          List.of("__a_b", "grpo"),
          names.map(name -> name.getFileName().toString()).sorted().toList());
    }
  }

  private List<String> events(String stage) throws IOException {
    List<String> events = new ArrayList<>();
    try (var names = Files.list(directory.resolve(stage))) {
      for (Path file : names.sorted().toList()) {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
          events.add(describe(nextRecord(bytes)));
        }
      }
    }
    return events;
  }

  private static ByteBuffer nextRecord(ByteBuffer bytes) {
    byte[] length = new byte[Long.BYTES];
    bytes.get(length);
    assertEquals(unmasked(bytes.getInt()), crc(length));
    byte[] event =
        new byte[Math.toIntExact(ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong())];
    bytes.get(event);
    assertEquals(unmasked(bytes.getInt()), crc(event));
    return ByteBuffer.wrap(event).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int unmasked(int masked) {
    return Integer.rotateLeft(masked - 0xa282ead8, 15);
  }

  private static int crc(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static String describe(ByteBuffer event) {
    double time = 0;
    long step = 0;
    String content = "";
    boolean isStart = false;
    while (event.hasRemaining()) {
      int key = event.get();
      switch (key >> 3) {
        case 1 -> time = event.getDouble();
        case 2 -> step = varint(event);
        case 3 -> content = "version " + new String(bytes(event), UTF_8);
        case 5 -> content = scalar(ByteBuffer.wrap(bytes(event)).order(ByteOrder.LITTLE_ENDIAN));
        case 7 -> {
          assertArrayEquals(new byte[] {8, 1}, bytes(event));
          isStart = true;
        }
        default -> throw new AssertionError("unexpected field " + (key >> 3));
      }
    }
    if (isStart) {
      return "start at step " + step;
    }
    return content.startsWith("version") ? content : "step " + step + content + " at " + time;
  }

  private static String scalar(ByteBuffer summary) {
    assertEquals(1 << 3 | 2, summary.get());
    ByteBuffer value = ByteBuffer.wrap(bytes(summary)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(1 << 3 | 2, value.get());
    String tag = new String(bytes(value), UTF_8);
    assertEquals(2 << 3 | 5, value.get());
    return " " + tag + " " + value.getFloat();
  }

  private static byte[] bytes(ByteBuffer message) {
    byte[] bytes = new byte[(int) varint(message)];
    message.get(bytes);
    return bytes;
  }

  private static long varint(ByteBuffer message) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = message.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
