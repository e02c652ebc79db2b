package dev.troupe.runtime.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The printable characters that stand for the 256 bytes in byte-level vocabularies (Radford et al.
 * 2019, GPT-2): a byte that is a visible Latin-1 character stands for itself, the others take the
 * characters from U+0100 on, in order.
 */
final class ByteAlphabet {
  private static final char[] CHARACTER = new char[256];
  private static final short[] BYTE = new short[256 + 256];

  static {
    Arrays.fill(BYTE, (short) -1);
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean visible = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xFF && b != 0xAD;
      CHARACTER[b] = visible ? (char) b : next++;
      BYTE[CHARACTER[b]] = (short) b;
    }
  }

  private ByteAlphabet() {}

  static String character(int b) {
    return String.valueOf(CHARACTER[b]);
  }

  /** The bytes a token stands for; a token with a character outside the alphabet is plain text. */
  static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = token.charAt(i);
      if (c >= BYTE.length || BYTE[c] < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) BYTE[c];
    }
    return bytes;
  }
}
