package dev.troupe.actors.journal;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.wire.BatchForm;
import dev.troupe.runtime.ledger.Ledger;
import dev.troupe.runtime.ledger.LedgerKey;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decisions in files of the run directory. What {@link #write} has returned for outlasts {@code
 * kill -9} and a power cut. What a crash has left of an unfinished write is dropped, so that a
 * journal is always the beginning of what was decided; one that has lost something before its end
 * is refused.
 *
 * <p>Used by one thread at a time.
 */
public final class JournalFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JournalFiles.class);
  private static final long SEGMENT_BYTES = 16L << 20;

  private final Path folder;
  private final Ledger ledger;

  private JournalFiles(Path folder) {
    this.folder = folder;
    this.ledger = Ledger.open(folder, Ledger.Retention.REPLAY, SEGMENT_BYTES);
  }

  /**
   * Opens or creates a journal for writing.
   *
   * @throws dev.troupe.runtime.ledger.LedgerException if another process has it or it cannot be
   *     written
   */
  public static JournalFiles open(Path folder) {
    var files = new JournalFiles(folder);
    files.ledger.findings().forEach(LOG::warn);
    return files;
  }

  /** Writes batches and returns when they are on the disk; if this fails none of them is there. */
  public void write(String id, List<DecisionBatch> batches) {
    ledger.write(
        batches.stream()
            .map(
                batch ->
                    new Ledger.Entry(
                        new LedgerKey(id, batch.first()), ByteBuffer.wrap(BatchForm.write(batch))))
            .toList());
  }

  /**
   * All decisions of a run, in their order.
   *
   * @throws RunException if something before the last of them is not there
   */
  List<DecisionBatch> read(String id) {
    var forms = new TreeMap<Long, ByteBuffer>();
    for (LedgerKey key : ledger.keys(id)) {
      forms.put(key.ordinal(), form(key));
    }
    return inOrder(folder, forms);
  }

  /** Number of the last decision of a run, 0 if there is none. */
  long last(String id) {
    List<LedgerKey> keys = ledger.keys(id);
    if (keys.isEmpty()) {
      return 0;
    }
    return parse(folder, form(keys.get(keys.size() - 1))).next() - 1;
  }

  private ByteBuffer form(LedgerKey key) {
    return ledger.read(key).orElseThrow(() -> damaged(folder, key.ordinal()));
  }

  /**
   * Looks at the decisions of a run and changes nothing, also while a process writes more.
   *
   * @throws RunException if something before the last of them is not there
   */
  public static List<DecisionBatch> look(Path folder, String id) {
    var forms = new TreeMap<Long, ByteBuffer>();
    Ledger.visit(
        folder,
        entry -> {
          if (entry.key().phase().equals(id)) {
            forms.put(entry.key().ordinal(), entry.payload());
          }
        });
    return inOrder(folder, forms);
  }

  private static List<DecisionBatch> inOrder(Path folder, SortedMap<Long, ByteBuffer> forms) {
    var batches = new ArrayList<DecisionBatch>(forms.size());
    long next = 1;
    for (ByteBuffer form : forms.values()) {
      DecisionBatch batch = parse(folder, form);
      if (batch.first() != next) {
        throw damaged(folder, next);
      }
      batches.add(batch);
      next = batch.next();
    }
    return batches;
  }

  private static RunException damaged(Path folder, long decision) {
    return new RunException(
        "The journal in %s is damaged: decision %d cannot be read; put back a copy of the folder, or give this run another name or directory to start it anew."
            .formatted(folder, decision));
  }

  private static DecisionBatch parse(Path folder, ByteBuffer form) {
    var bytes = new byte[form.remaining()];
    form.get(bytes);
    try {
      return BatchForm.read(bytes);
    } catch (NotSerializableException e) {
      throw new RunException("The journal in %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    ledger.close();
  }
}
