package dev.troupe.runtime.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over off-heap memory and files. The JDK compiles it to the processor's own instructions,
 * also for direct buffers, which it hashes through a small array.
 */
final class Sha256 {
  private final MessageDigest digest;

  Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must offer SHA-256", e);
    }
  }

  /** Hashes from position to limit and leaves the position at the limit. */
  void update(ByteBuffer bytes) {
    digest.update(bytes);
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
