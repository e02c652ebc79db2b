package dev.troupe.actors.wire;

import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.journal.DecisionBatch;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.util.List;

/** The form in which the embedded journal holds decisions that belong together. */
public final class BatchForm {
  /** Raised whenever the bytes around the decisions change; they have a format of their own. */
  static final int FORMAT = 1;

  private static final String BATCH = "batch";
  private static final JournalSerializer DECISIONS = new JournalSerializer();

  private static final CodecBook BOOK =
      new CodecBook(
          FORMAT,
          "entry of the journal",
          "it was written by another version of the program: go on with that one",
          List.of(
              new Codec<>(
                  BATCH,
                  DecisionBatch.class,
                  (w, it) -> {
                    w.count(it.first());
                    w.text(it.writer());
                    w.count(it.millis());
                    w.list(it.decisions(), BatchForm::write);
                  },
                  r ->
                      new DecisionBatch(
                          r.count(), r.text(), r.count(), r.list(BatchForm::decision)))));

  private BatchForm() {}

  private static void write(WireWriter w, Decision decision) {
    byte[] form = DECISIONS.toBinary(decision);
    w.text(DECISIONS.manifest(decision));
    w.count(form.length);
    w.raw(form);
  }

  private static Decision decision(WireReader r) {
    String manifest = r.text();
    try {
      return (Decision) DECISIONS.fromBinary(r.raw(r.size()), manifest);
    } catch (NotSerializableException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a batch. */
  public static byte[] write(DecisionBatch batch) {
    return BOOK.write(batch, null);
  }

  /** Reads a batch; what cannot be one is refused. */
  public static DecisionBatch read(byte[] bytes) throws NotSerializableException {
    try {
      return (DecisionBatch) BOOK.read(bytes, BATCH, null);
    } catch (UncheckedIOException e) {
      throw (NotSerializableException) e.getCause();
    }
  }
}
