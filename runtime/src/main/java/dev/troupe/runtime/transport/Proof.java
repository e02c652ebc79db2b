package dev.troupe.runtime.transport;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** How the digest in a parcel's name is found from its bytes. */
@FunctionalInterface
public interface Proof {
  /** SHA-256 of the bytes themselves. */
  Proof SHA_256 =
      bytes -> {
        try {
          MessageDigest digest = MessageDigest.getInstance("SHA-256");
          for (ByteBuffer piece : bytes.pieces()) {
            digest.update(piece);
          }
          return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
          throw new IllegalStateException("every Java platform must offer SHA-256", e);
        }
      };

  /**
   * The digest of bytes that arrived. They come from the network: anything is possible in them.
   *
   * @return 64 lower-case hexadecimal digits, or something else if the bytes make no sense
   */
  String digest(Segments bytes);
}
