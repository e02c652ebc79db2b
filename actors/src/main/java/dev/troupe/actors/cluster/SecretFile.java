package dev.troupe.actors.cluster;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.transport.SharedSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The secret that all nodes of a cluster share, in a file that only its owner can read. Whoever
 * does not know it gets no weights.
 *
 * @param secret what the data plane proves with
 * @param fingerprint by which two nodes see that they have the same, without telling it
 */
public record SecretFile(SharedSecret secret, String fingerprint) {
  private static final int BYTES = 32;
  private static final int SHOWN_DIGITS = 16;

  /** Where it is unless somebody says otherwise. */
  public static Path usual() {
    return Path.of(System.getProperty("user.home"), ".troupe", "secret");
  }

  /**
   * Reads the file; makes it with a random secret if there is none.
   *
   * @throws RunException if it cannot be read or is too short
   */
  public static SecretFile of(Path file) {
    String text = text(file, "secret of the cluster");
    try {
      return new SecretFile(SharedSecret.of(text), fingerprint(text));
    } catch (IllegalArgumentException e) {
      throw new RunException(
          "The secret of the cluster in %s: %s.".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * What such a file says; makes it with random text, for its owner alone, if there is none.
   *
   * @param what it is, for people
   * @throws RunException if it cannot be read or made
   */
  public static String text(Path file, String what) {
    try {
      if (!Files.exists(file)) {
        make(file);
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new RunException(
          "The %s in %s cannot be read: %s; give another file.".formatted(what, file, e), e);
    }
  }

  /** Complete before it has its name, for other nodes may start at the same moment. */
  private static void make(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    var bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    Path draft =
        Files.createTempFile(
            folder,
            "secret",
            ".part",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(
          draft, HexFormat.of().formatHex(bytes) + "\n", StandardOpenOption.TRUNCATE_EXISTING);
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      return; // Another node was first.
    } finally {
      Files.delete(draft);
    }
  }

  private static String fingerprint(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(("troupe " + text).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, SHOWN_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
