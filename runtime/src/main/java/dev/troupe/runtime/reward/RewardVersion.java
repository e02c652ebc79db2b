package dev.troupe.runtime.reward;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Which reward function gave a score: its class with the first digits of a SHA-256 over its
 * settings and the class file. A change of either shows; a change of what the class calls, or of a
 * server that it asks, does not.
 */
final class RewardVersion {
  private static final int DIGITS = 12;

  private RewardVersion() {}

  /**
   * @param settings as they were written, in one form
   * @return such as {@code ExactMatch@0123456789ab}
   */
  static String of(RewardFunction function, String settings) {
    Class<?> type = function.getClass();
    String name = type.getName();
    String simple = name.substring(name.lastIndexOf('.') + 1);
    try (InputStream code = type.getResourceAsStream(simple + ".class")) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(settings.getBytes(StandardCharsets.UTF_8));
      if (code != null) { // A lambda has no file.
        digest.update(code.readAllBytes());
      }
      return simple + "@" + HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    } catch (IOException e) {
      throw new IllegalStateException("the class file of " + name + " cannot be read", e);
    }
  }
}
