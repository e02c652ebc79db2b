package dev.troupe.runtime.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Data files with one thing on each line, in UTF-8. White space around it, empty lines and lines
 * that begin with {@code #} do not count.
 */
public final class TextLines {
  private TextLines() {}

  /**
   * A line that counts.
   *
   * @param number its number in the file, from 1
   * @param text its text, without white space around it
   */
  public record Line(int number, String text) {}

  /**
   * Reads a file.
   *
   * @throws DataException if the file cannot be read as text
   */
  public static List<Line> read(Path file) {
    try {
      return lines(Files.readAllLines(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new DataException(
          "data file " + file, List.of("it cannot be read as UTF-8 text: " + e));
    }
  }

  /** Reads a file that ships beside a class. */
  public static List<Line> shipped(Class<?> owner, String name) {
    try (InputStream file = owner.getResourceAsStream(name)) {
      return lines(new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    } catch (IOException e) {
      throw new IllegalStateException("the shipped resource " + name + " is unreadable", e);
    }
  }

  private static List<Line> lines(List<String> lines) {
    return IntStream.range(0, lines.size())
        .mapToObj(i -> new Line(i + 1, lines.get(i).strip()))
        .filter(line -> !line.text().isEmpty() && !line.text().startsWith("#"))
        .toList();
  }
}
