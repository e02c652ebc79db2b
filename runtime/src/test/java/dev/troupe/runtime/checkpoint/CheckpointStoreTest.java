package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class CheckpointStoreTest {
  private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(CheckpointStore.class);

  @TempDir private Path folder;
  private Path directory;
  private CheckpointStore store;

  @BeforeEach
  void open() {
    directory = folder.resolve("checkpoints");
    store = new CheckpointStore(directory);
    warnings.start();
    logger.addAppender(warnings);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(warnings);
    logger.setAdditive(true);
  }

  @Test
  void isEmptyBeforeTheFirstWrite() {
    assertEquals(List.of(), store.list());
    assertEquals(Optional.empty(), store.latest());
    assertEquals(List.of(), store.prune(1, Set.of()));
  }

  @Test
  void listsStepsByNumberAndFindsTheNewest() throws IOException {
    write(9);
    write(10);
    write(0);
    Files.createDirectory(directory.resolve("step-010"));
    Files.createDirectory(directory.resolve("best"));
    Files.writeString(directory.resolve("step-99"), "a file, not a checkpoint");
    assertEquals(List.of(0L, 9L, 10L), steps());
    assertEquals(Optional.of(new Checkpoint(10, directory.resolve("step-10"))), store.latest());
    assertTrue(warnings.list.isEmpty());
  }

  @Test
  void namesSizeAndDigestOfEveryFileInTheManifest() throws IOException {
    var checkpoint =
        store.write(
            3,
            place -> {
              text(place.resolve("abc"), "abc");
              text(place.resolve("model").resolve("empty"), "");
            });
    var files =
        new ObjectMapper()
            .readTree(checkpoint.directory().resolve("manifest.json").toFile())
            .path("files");
    // The SHA-256 of "abc" and of nothing are the examples of FIPS 180-2 and RFC 6234.
    assertEquals(
        "[{\"name\":\"abc\",\"bytes\":3,\"sha256\":"
            + "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"},"
            + "{\"name\":\"model/empty\",\"bytes\":0,\"sha256\":"
            + "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}]",
        files.toString());
  }

  @Test
  void showsNothingOfACheckpointWhoseWriterFails() throws IOException {
    write(1);
    var lost = new IllegalStateException("lost");
    var failure =
        assertThrows(
            IllegalStateException.class,
            () ->
                store.write(
                    2,
                    place -> {
                      text(place.resolve("half"), "half");
                      throw lost;
                    }));
    assertEquals(lost, failure);
    assertEquals(Set.of("step-1"), names());
  }

  @Test
  void keepsTheOldCheckpointWhenItsReplacementFails() throws IOException {
    write(1);
    assertThrows(
        UncheckedIOException.class,
        () ->
            store.write(
                1,
                place -> {
                  throw new UncheckedIOException(new IOException("disk full"));
                }));
    assertEquals(1, store.latest().orElseThrow().step());
    assertEquals("1", Files.readString(directory.resolve("step-1").resolve("weights")));
  }

  @Test
  void ignoresAndLaterRemovesWhatAKilledWriterLeft() throws IOException {
    write(1);
    Path left = Files.createDirectory(directory.resolve(".step-2.writing"));
    Files.writeString(left.resolve("weights"), "half");
    Files.createDirectory(directory.resolve(".step-1.replaced"));
    assertEquals(List.of(1L), steps());
    assertEquals(1, store.latest().orElseThrow().step());
    write(3);
    assertEquals(Set.of("step-1", "step-3"), names());
  }

  @Test
  void replacesACheckpointOfTheSameStep() throws IOException {
    write(1);
    store.write(1, place -> text(place.resolve("other"), "new"));
    assertEquals(Set.of("step-1"), names());
    assertFalse(Files.exists(directory.resolve("step-1").resolve("weights")));
    assertEquals(1, store.latest().orElseThrow().step());
  }

  @Test
  void fallsBackBehindACorruptCheckpointAndSaysSo() throws IOException {
    write(1);
    write(2);
    write(3);
    flip(directory.resolve("step-3").resolve("weights"), 0);
    Files.delete(directory.resolve("step-2").resolve("weights"));
    assertEquals(1, store.latest().orElseThrow().step());
    assertEquals(1, warnings.list.size());
    String warning = warnings.list.get(0).getFormattedMessage();
    assertTrue(
        warning.startsWith(
            "using "
                + directory.resolve("step-1")
                + " instead: "
                + directory.resolve("step-3")
                + " is corrupt: weights has SHA-256 "),
        warning);
    assertTrue(
        warning.endsWith(directory.resolve("step-2") + " is corrupt: weights is missing"), warning);
  }

  @Test
  void noOlderCheckpointStandsForTheLastOne() throws IOException {
    assertEquals(Optional.empty(), store.last());
    write(1);
    write(2);
    assertEquals(2, store.last().orElseThrow().step());

    flip(directory.resolve("step-2").resolve("weights"), 0);

    var failure = assertThrows(CheckpointException.class, store::last);
    assertTrue(
        failure.getMessage().startsWith(directory.resolve("step-2") + " is corrupt: weights has"),
        failure.getMessage());
  }

  @Test
  void noticesATruncatedFileByItsSize() throws IOException {
    write(1);
    write(2);
    Files.writeString(directory.resolve("step-2").resolve("weights"), "");
    assertEquals(1, store.latest().orElseThrow().step());
    assertTrue(
        warnings.list.get(0).getFormattedMessage().endsWith("weights has 0 bytes, expected 1"));
  }

  @Test
  void noticesEveryChangedByteOfTheManifest() throws IOException {
    Path manifest = write(1).directory().resolve("manifest.json");
    byte[] sound = Files.readAllBytes(manifest);
    for (int i = 0; i < sound.length; i++) {
      byte[] bytes = sound.clone();
      bytes[i] ^= 1;
      Files.write(manifest, bytes);
      assertThrows(CheckpointException.class, store::latest, "byte " + i);
    }
  }

  @Test
  void doesNotStartOverWhenEveryCheckpointIsCorrupt() throws IOException {
    write(1);
    write(2);
    flip(directory.resolve("step-1").resolve("weights"), 0);
    flip(directory.resolve("step-2").resolve("weights"), 0);
    var failure = assertThrows(CheckpointException.class, store::latest);
    assertTrue(
        failure
            .getMessage()
            .startsWith(
                "no checkpoint in "
                    + directory
                    + " is intact; put back a copy of one, or give the run another name or directory to start it anew: "),
        failure.getMessage());
  }

  @Test
  void prunesAllButTheNewestAndTheProtected() {
    for (long step = 1; step <= 5; step++) {
      write(step);
    }
    List<Checkpoint> removed = store.prune(2, Set.of(2L, 77L));
    assertEquals(List.of(1L, 3L), removed.stream().map(Checkpoint::step).toList());
    assertEquals(List.of(2L, 4L, 5L), steps());
  }

  @Test
  void doesNotCountACorruptCheckpointAmongTheKept() throws IOException {
    for (long step = 1; step <= 4; step++) {
      write(step);
    }
    flip(directory.resolve("step-4").resolve("weights"), 0);
    // A store opened after a restart has not written these itself.
    var reopened = new CheckpointStore(directory);
    reopened.prune(1, Set.of());
    assertEquals(List.of(3L, 4L), steps());
    assertEquals(3, reopened.latest().orElseThrow().step());
  }

  @Test
  void refusesAStepAnEmptyCheckpointAndAPruneThatMakeNoSense() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> store.write(-1, place -> {}));
    assertThrows(IllegalArgumentException.class, () -> store.prune(0, Set.of()));
    assertThrows(CheckpointException.class, () -> store.write(1, place -> {}));
    assertEquals(Set.of(), names());
  }

  @Test
  void holdsAModelBesideTheStateOfItsOptimizer() {
    var checkpoint =
        store.write(
            7,
            place -> {
              text(place.resolve("optimizer"), "state");
              HuggingFaceDirectory.writeInto(
                  place,
                  TinyDecoder.CONFIG,
                  TinyDecoder.tensors(TinyDecoder.CONFIG, TensorType.F32),
                  null,
                  Long.MAX_VALUE);
            });
    assertEquals(TinyDecoder.CONFIG, HuggingFaceDirectory.load(checkpoint.directory()).config());
    assertEquals(Optional.of(checkpoint), store.latest());
  }

  private Checkpoint write(long step) {
    return store.write(step, place -> text(place.resolve("weights"), Long.toString(step)));
  }

  private List<Long> steps() {
    return store.list().stream().map(Checkpoint::step).toList();
  }

  private Set<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static void text(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void flip(Path file, int position) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[position] ^= 1;
    Files.write(file, bytes);
  }
}
