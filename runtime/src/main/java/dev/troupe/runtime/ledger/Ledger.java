package dev.troupe.runtime.ledger;

import dev.troupe.runtime.checkpoint.Aside;
import dev.troupe.runtime.lock.DirectoryLock;
import dev.troupe.runtime.lock.HeldException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A crash-safe store of finished groups by name. What {@link #write} has returned for is on the
 * disk: neither {@code kill -9} nor a power cut takes it away. Every entry carries a checksum; a
 * damaged one is left out and told of, and those around it stay readable.
 *
 * <p>Entries lie in numbered segments. Once everything in a segment is forgotten it is deleted, or
 * moved to the folder {@code archive} where a run keeps all it has sampled. One process at a time
 * has a ledger open, others may {@linkplain #visit look at it}; its methods may be called by
 * several threads.
 */
public final class Ledger implements Closeable {
  private static final String SUFFIX = ".ledger";
  private static final String ARCHIVE = "archive";

  /** What becomes of segments whose entries are no longer needed. */
  public enum Retention {
    /** They are deleted: the ledger holds what a resumed run has to train on again. */
    REPLAY,
    /** They are kept in the archive: every rollout of the run can be looked at later. */
    ALL
  }

  /**
   * An entry to be written.
   *
   * @param payload from its position to its limit; neither is changed
   */
  public record Entry(LedgerKey key, ByteBuffer payload) {}

  private record Place(Segment segment, long position, int bytes) {}

  private final Path directory;
  private final Retention retention;
  private final long segmentBytes;
  private final Map<LedgerKey, Place> index = new LinkedHashMap<>();
  private final Map<Segment, Integer> living = new HashMap<>();
  private final List<String> findings = new ArrayList<>();
  private long lastNumber;
  private Segment writing;
  private DirectoryLock lock;

  private Ledger(Path directory, Retention retention, long segmentBytes) {
    this.directory = directory;
    this.retention = retention;
    this.segmentBytes = segmentBytes;
  }

  /**
   * Opens or creates a ledger. All its segments are read, so the time it takes grows with their
   * size (1 GB takes about a second from a warm disk cache).
   *
   * @param segmentBytes a segment that has grown beyond this is followed by another; at most 1 GiB
   * @throws LedgerException if the directory cannot be read or written
   */
  public static Ledger open(Path directory, Retention retention, long segmentBytes) {
    if (segmentBytes < 1 || segmentBytes > LedgerEntry.MOST_BYTES) {
      throw new IllegalArgumentException(
          "segmentBytes=%d is outside [1, %d]".formatted(segmentBytes, LedgerEntry.MOST_BYTES));
    }
    var ledger = new Ledger(directory, retention, segmentBytes);
    try {
      ledger.load();
      return ledger;
    } catch (IOException e) {
      ledger.closeQuietly();
      throw failed("open", directory, e);
    }
  }

  private void load() throws IOException {
    Aside.createDirectories(directory);
    lock = DirectoryLock.take(directory);
    for (Path file : segments(directory)) {
      lastNumber = Math.max(lastNumber, number(file));
      Segment segment = Segment.open(file);
      living.put(segment, 0);
      Segment.Contents contents = segment.recover();
      for (LedgerEntry.Found found : contents.entries()) {
        place(found.key(), new Place(segment, found.position(), found.bytes()));
      }
      tell(segment, contents);
    }
    removeDead();
  }

  private static List<Path> segments(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
          .sorted()
          .toList();
    }
  }

  /**
   * Reads what is in a folder of segments and changes nothing, also while a process writes there:
   * the undamaged entries in the order in which they were written, those included that were
   * replaced or forgotten but whose segments are still there. The archive is a folder of its own.
   *
   * @throws LedgerException if a file cannot be read
   */
  public static void visit(Path directory, Consumer<Entry> visitor) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try {
      for (Path file : segments(directory)) {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        for (LedgerEntry.Found found : Segment.scan(bytes).entries()) {
          visitor.accept(new Entry(found.key(), LedgerEntry.payload(bytes, found)));
        }
      }
    } catch (IOException e) {
      throw failed("read", directory, e);
    }
  }

  private void tell(Segment segment, Segment.Contents contents) {
    if (contents.damagedBytes() > 0) {
      findings.add(
          "%s has %d damaged bytes; the groups in them are sampled again."
              .formatted(segment.file(), contents.damagedBytes()));
    }
    if (contents.tornBytes() > 0) {
      findings.add(
          "%s ended with %d bytes of an unfinished write, which were dropped."
              .formatted(segment.file(), contents.tornBytes()));
    }
  }

  private static long number(Path file) throws IOException {
    String name = file.getFileName().toString();
    try {
      return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    } catch (NumberFormatException e) {
      throw new IOException(file + " is not a segment of a ledger; move it elsewhere", e);
    }
  }

  /** What opening found damaged: sentences for the log of the run. */
  public List<String> findings() {
    return List.copyOf(findings);
  }

  /**
   * Writes entries and returns when they are on the disk. An entry takes the place of an earlier
   * one of its name.
   *
   * @throws LedgerException if the disk is full or fails; then none of the entries is there
   */
  public synchronized void write(List<Entry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    try {
      Segment segment = segment();
      long start = segment.bytes();
      var places = new LinkedHashMap<LedgerKey, Place>();
      try {
        for (Entry entry : entries) {
          ByteBuffer bytes = LedgerEntry.encode(entry.key(), entry.payload());
          int length = bytes.remaining();
          places.put(entry.key(), new Place(segment, segment.append(bytes), length));
        }
        segment.force();
      } catch (IOException e) {
        segment.shorten(start, e);
        throw e;
      }
      places.forEach(this::place);
    } catch (IOException e) {
      throw failed("write to", directory, e);
    }
  }

  private Segment segment() throws IOException {
    if (writing == null || writing.bytes() >= segmentBytes) {
      Segment full = writing;
      lastNumber++;
      writing = Segment.create(directory.resolve("%08d%s".formatted(lastNumber, SUFFIX)));
      living.put(writing, 0);
      sync(directory);
      if (full != null) {
        removeDead();
      }
    }
    return writing;
  }

  private void place(LedgerKey key, Place place) {
    Place before = index.put(key, place);
    living.merge(place.segment(), 1, Integer::sum);
    if (before != null) {
      living.merge(before.segment(), -1, Integer::sum);
    }
  }

  /**
   * Reads an entry back and checks it again.
   *
   * @return its payload; empty if it was never written, is forgotten, or has been damaged since
   */
  public synchronized Optional<ByteBuffer> read(LedgerKey key) {
    Place place = index.get(key);
    if (place == null) {
      return Optional.empty();
    }
    try {
      return LedgerEntry.payload(place.segment().read(place.position(), place.bytes()), key);
    } catch (IOException e) {
      throw failed("read", place.segment().file(), e);
    }
  }

  /** The names of the entries of a phase that are not forgotten, by their ordinals. */
  public synchronized List<LedgerKey> keys(String phase) {
    return index.keySet().stream()
        .filter(key -> key.phase().equals(phase))
        .sorted(Comparator.comparingLong(LedgerKey::ordinal))
        .toList();
  }

  /** How many entries there are that are not forgotten. */
  public synchronized int size() {
    return index.size();
  }

  /** Forgets the entries of a phase below an ordinal: nobody will ask for them again. */
  public synchronized void forgetBefore(String phase, long ordinal) {
    forget(key -> key.phase().equals(phase) && key.ordinal() < ordinal);
  }

  /** Forgets all entries of a phase. */
  public synchronized void forget(String phase) {
    forget(key -> key.phase().equals(phase));
  }

  private void forget(Predicate<LedgerKey> isOver) {
    index
        .entrySet()
        .removeIf(
            entry -> {
              boolean over = isOver.test(entry.getKey());
              if (over) {
                living.merge(entry.getValue().segment(), -1, Integer::sum);
              }
              return over;
            });
    try {
      removeDead();
    } catch (IOException e) {
      throw failed("tidy up", directory, e);
    }
  }

  private void removeDead() throws IOException {
    for (Segment segment : List.copyOf(living.keySet())) {
      if (living.get(segment) > 0 || segment == writing) {
        continue;
      }
      living.remove(segment);
      segment.close();
      if (retention == Retention.ALL) {
        Path archive = Files.createDirectories(directory.resolve(ARCHIVE));
        Files.move(
            segment.file(),
            archive.resolve(segment.file().getFileName()),
            StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.delete(segment.file());
      }
    }
  }

  /** Makes new names in a directory outlast a power cut. */
  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public synchronized void close() {
    try {
      for (Segment segment : living.keySet()) {
        segment.close();
      }
      lock.close();
    } catch (IOException e) {
      throw failed("close", directory, e);
    }
  }

  private void closeQuietly() {
    var all = new ArrayList<Closeable>(living.keySet());
    if (lock != null) {
      all.add(lock::close);
    }
    for (Closeable one : all) {
      try {
        one.close();
      } catch (IOException e) {
        continue; // What led here is what people should see.
      }
    }
  }

  private static LedgerException failed(String verb, Path place, IOException cause) {
    String remedy =
        cause instanceof HeldException ? "wait for it to end" : "check its disk and permissions";
    return new LedgerException(
        "Cannot %s %s: %s; %s."
            .formatted(
                verb, place, cause.getMessage() == null ? cause : cause.getMessage(), remedy),
        cause);
  }
}
