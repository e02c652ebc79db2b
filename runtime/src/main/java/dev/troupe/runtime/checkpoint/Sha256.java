package dev.troupe.runtime.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over off-heap memory and files at the speed of the processor's own instructions. */
final class Sha256 {
  /**
   * The JDK hashes a direct buffer through an array of 4 KiB; a larger one, still within the
   * second-level cache, saves most of the calls.
   */
  private static final int CHUNK_BYTES = 64 * 1024;

  private final MessageDigest digest;
  private final byte[] chunk = new byte[CHUNK_BYTES];

  Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must offer SHA-256", e);
    }
  }

  void update(byte[] bytes) {
    digest.update(bytes);
  }

  /** Hashes from position to limit and leaves the position at the limit. */
  void update(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      int length = Math.min(bytes.remaining(), chunk.length);
      bytes.get(chunk, 0, length);
      digest.update(chunk, 0, length);
    }
  }

  /** The digest in lower-case hexadecimal; starts over. */
  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  static String ofFile(Path file) throws IOException {
    var sha = new Sha256();
    ByteBuffer window = ByteBuffer.allocateDirect(1 << 20);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(window.clear()) >= 0) {
        sha.update(window.flip());
      }
    }
    return sha.hex();
  }
}
