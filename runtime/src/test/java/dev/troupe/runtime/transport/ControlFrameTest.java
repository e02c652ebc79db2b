package dev.troupe.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.transport.RangeSet.Range;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ControlFrameTest {
  private static final SharedSecret KEY = SharedSecret.of("a secret of the tests alone");
  private static final ParcelId ID = new ParcelId(Cargo.WEIGHTS, 2, 77, "0f".repeat(32));
  private static final byte[] NONCE = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
  private static final List<ControlMessage> MESSAGES =
      List.of(
          new ControlMessage.Hello(NONCE, new Place("127.0.0.2", 40123, "/dev/shm/é", -5), true),
          new ControlMessage.Challenge(NONCE, NONCE),
          new ControlMessage.Proof(),
          new ControlMessage.Welcome(),
          new ControlMessage.Want(ID, 9, List.of(new Range(0, 5), new Range(7, Long.MAX_VALUE))),
          new ControlMessage.Answer(9, -1),
          new ControlMessage.Done(9),
          new ControlMessage.Follow(true),
          new ControlMessage.Announce(ID, 9, 1L << 40, 70000),
          new ControlMessage.Ready(9, true),
          new ControlMessage.Progress(9, 12),
          new ControlMessage.Bye());

  @Test
  void everyMessageComesBackAsItWas() {
    Set<Class<?>> seen = new HashSet<>();
    for (ControlMessage message : MESSAGES) {
      ControlFrame frame = ControlFrame.read(ControlFrame.write(message, 3, 4, KEY));
      assertTrue(frame.isSigned(KEY));
      assertEquals(3, frame.session());
      assertEquals(4, frame.sequence());
      assertEquals(message.getClass(), frame.message().getClass());
      assertArrayEquals(
          ControlFrame.write(message, 3, 4, KEY), ControlFrame.write(frame.message(), 3, 4, KEY));
      seen.add(message.getClass());
    }
    assertEquals(Set.of(ControlMessage.class.getPermittedSubclasses()), seen);
  }

  @Test
  void hasTheBytesOfItsFormat() {
    byte[] frame = ControlFrame.write(new ControlMessage.Done(0x0102), 0x0304, 0x05, KEY);

    // magic, 0, format 1, kind 8, body of 8, session, sequence, token; then the signature
    String signed =
        "54525043"
            + "00000000"
            + "01"
            + "08"
            + "0800"
            + "0403000000000000"
            + "0500000000000000"
            + "0201000000000000";
    byte[] body = HexFormat.of().parseHex(signed);
    assertEquals(
        signed + HexFormat.of().formatHex(KEY.sign(body, body.length)),
        HexFormat.of().formatHex(frame));
  }

  @Test
  void theSignatureIsHmacSha256() {
    // RFC 4231, test case 1: a key of twenty bytes 0x0b, the text "Hi There".
    byte[] key = new byte[20];
    Arrays.fill(key, (byte) 0x0b);
    byte[] text = HexFormat.of().parseHex("4869205468657265");
    assertEquals(
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        HexFormat.of().formatHex(SharedSecret.of(key).sign(text, text.length)));
  }

  @Test
  void anotherKeyOrAnotherByteBreaksTheSignature() {
    byte[] frame = ControlFrame.write(new ControlMessage.Done(1), 2, 3, KEY);
    assertFalse(ControlFrame.read(frame).isSigned(SharedSecret.of("another secret than that")));
    for (int at = 12; at < frame.length; at++) {
      byte[] changed = frame.clone();
      changed[at] ^= 1;
      assertFalse(ControlFrame.read(changed).isSigned(KEY), "byte " + at);
    }
  }

  @Test
  void aFrameThatWasCutShortIsNotRead() {
    byte[] frame = ControlFrame.write(new ControlMessage.Done(1), 2, 3, KEY);
    for (int length = 0; length < frame.length; length++) {
      assertNull(ControlFrame.read(Arrays.copyOf(frame, length)), length + " bytes");
    }
  }

  @Test
  void theLongestRequestFitsIntoTheSmallestDatagram() {
    List<Range> ranges =
        Collections.nCopies(ControlMessage.MOST_RANGES, new Range(1, Long.MAX_VALUE));
    int length = ControlFrame.write(new ControlMessage.Want(ID, 1, ranges), 2, 3, KEY).length;

    // 1408 less Aeron's own header of 32
    assertTrue(length <= 1408 - 32, length + " bytes");
  }

  @Test
  void theSecretIsNeverShown() {
    assertEquals("SharedSecret[hidden]", KEY.toString());
  }
}
