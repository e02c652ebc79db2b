package dev.troupe.runtime.transport;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What all nodes of a run know and nobody else does. It never leaves this object: neither in a
 * message, nor in a log, nor in {@link #toString}.
 */
public final class SharedSecret {
  /** Fewer bytes than this could be guessed. */
  public static final int SHORTEST_BYTES = 16;

  private static final String ALGORITHM = "HmacSHA256";
  private final SecretKeySpec key;

  private SharedSecret(byte[] bytes) {
    this.key = new SecretKeySpec(bytes, ALGORITHM);
  }

  /**
   * @param bytes at least {@link #SHORTEST_BYTES}, from a random source; copied
   * @throws IllegalArgumentException if there are fewer
   */
  public static SharedSecret of(byte[] bytes) {
    if (bytes.length < SHORTEST_BYTES) {
      throw new IllegalArgumentException(
          "the shared secret has %d bytes, wanted are %d or more; make one with: openssl rand -hex 32"
              .formatted(bytes.length, SHORTEST_BYTES));
    }
    return new SharedSecret(bytes);
  }

  /** A secret of a text's UTF-8 bytes. */
  public static SharedSecret of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A secret for one purpose, from which neither this one nor that of another purpose can be found.
   *
   * @param purpose a fixed word
   * @param facts what else it depends on, each of a fixed length
   */
  SharedSecret derive(String purpose, byte[]... facts) {
    Mac mac = mac();
    mac.update(purpose.getBytes(StandardCharsets.UTF_8));
    mac.update((byte) 0);
    for (byte[] fact : facts) {
      mac.update(fact);
    }
    return new SharedSecret(mac.doFinal());
  }

  /** HMAC-SHA256 of bytes, 32 bytes. */
  byte[] sign(byte[] bytes, int length) {
    Mac mac = mac();
    mac.update(bytes, 0, length);
    return mac.doFinal();
  }

  private Mac mac() {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform must offer HmacSHA256", e);
    }
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "SharedSecret[hidden]";
  }
}
