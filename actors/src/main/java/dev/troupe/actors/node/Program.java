package dev.troupe.actors.node;

import dev.troupe.actors.protocol.RunException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which program this is. Nodes of one run must be of one program, or their results would differ.
 */
public final class Program {
  private static final int SHOWN_DIGITS = 12;

  private Program() {}

  /**
   * Identifies the program by the bytes of its own classes and resources.
   *
   * @param anchors one class of each of its modules
   * @return the first digits of a SHA-256, lower-case hexadecimal
   */
  public static String identity(List<Class<?>> anchors) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Class<?> anchor : anchors) {
        addModule(anchor, digest);
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, SHOWN_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    } catch (IOException | URISyntaxException e) {
      throw new RunException("The program's own classes cannot be read: " + e, e);
    }
  }

  private static void addModule(Class<?> anchor, MessageDigest digest)
      throws IOException, URISyntaxException {
    URL location = anchor.getProtectionDomain().getCodeSource().getLocation();
    Path place = Path.of(location.toURI());
    if (Files.isDirectory(place)) {
      addTree(place, digest);
      return;
    }
    try (FileSystem jar = FileSystems.newFileSystem(place)) {
      addTree(jar.getPath("/"), digest);
    }
  }

  private static void addTree(Path root, MessageDigest digest) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      // What a jar adds to the classes says nothing of the program.
      files =
          all.filter(Files::isRegularFile)
              .filter(file -> !root.relativize(file).startsWith("META-INF"))
              .sorted()
              .toList();
    }
    for (Path file : files) {
      digest.update(root.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
    }
  }
}
