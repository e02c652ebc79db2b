package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AsideTest {
  @TempDir private Path folder;

  @Test
  void keepsTheOldFileWhenTheNewOneFailsHalfWay() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    assertThrows(
        IOException.class,
        () ->
            Aside.file(
                file,
                channel -> {
                  channel.write(ByteBuffer.wrap(new byte[] {1}));
                  throw new IOException("disk full");
                }));
    assertEquals("old", Files.readString(file));
    assertEquals(Set.of("file"), names());
  }

  @Test
  void showsTheOldFileUntilTheNewOneIsComplete() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    Aside.file(
        file,
        channel -> {
          channel.write(ByteBuffer.wrap(new byte[] {'n', 'e', 'w'}));
          assertEquals("old", Files.readString(file));
        });
    assertEquals("new", Files.readString(file));
    assertEquals(Set.of("file"), names());
  }

  @Test
  void startsAfreshOnWhatAKilledWriterLeft() throws IOException {
    Files.writeString(folder.resolve(".file.writing"), "much longer than the new content");
    Aside.text(folder.resolve("file"), "new");
    assertEquals("new", Files.readString(folder.resolve("file")));
    Path left = Files.createDirectory(folder.resolve(".place.writing"));
    Files.writeString(left.resolve("half"), "half");
    Aside.directory(
        folder.resolve("place"), place -> assertEquals(0, place.toFile().list().length));
    assertEquals(Set.of("file", "place"), names());
  }

  @Test
  void replacesAWholeDirectoryAndNeverMixesTheTwo() throws IOException {
    Path place = Files.createDirectory(folder.resolve("place"));
    Files.writeString(place.resolve("old"), "old");
    Aside.directory(place, aside -> Files.writeString(aside.resolve("new"), "new"));
    assertEquals(Set.of("place"), names());
    assertEquals(1, place.toFile().list().length);
    assertEquals("new", Files.readString(place.resolve("new")));
  }

  private Set<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
