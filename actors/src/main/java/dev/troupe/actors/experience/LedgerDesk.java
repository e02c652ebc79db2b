package dev.troupe.actors.experience;

import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.wire.GroupForm;
import dev.troupe.runtime.disk.DiskRoom;
import dev.troupe.runtime.ledger.Ledger;
import dev.troupe.runtime.ledger.LedgerKey;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger of the run, worked on by one thread. Groups that come in while others are being
 * written go to the disk together, with one synchronisation.
 */
public final class LedgerDesk implements GroupStore, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerDesk.class);
  private static final long SEGMENT_BYTES = 64L << 20;
  private static final long DRAIN_SECONDS = 10;

  private record Draft(FinishedGroup group, CompletableFuture<Void> written) {}

  private final Path directory;
  private final Ledger.Retention retention;
  private final DiskRoom room;
  private final BlockingQueue<Draft> drafts = new LinkedBlockingQueue<>();
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            var thread = new Thread(task, "troupe-ledger");
            thread.setDaemon(true);
            return thread;
          });

  /** Opened by the first task; used by the worker alone. */
  private Ledger ledger;

  /**
   * @param directory of the ledger; nothing is read or created before the first use
   * @param retention what becomes of groups that nobody needs any more
   * @param room must be there for what is written
   */
  public LedgerDesk(Path directory, Ledger.Retention retention, DiskRoom room) {
    this.directory = directory;
    this.retention = retention;
    this.room = room;
  }

  @Override
  public CompletionStage<Void> write(FinishedGroup group) {
    var written = new CompletableFuture<Void>();
    drafts.add(new Draft(group, written));
    worker.execute(this::commit);
    return written;
  }

  /** Writes everything that has come in until now. */
  private void commit() {
    var batch = new ArrayList<Draft>();
    drafts.drainTo(batch);
    try {
      List<Ledger.Entry> entries =
          batch.stream()
              .map(
                  draft ->
                      new Ledger.Entry(
                          key(draft.group().ticket().id()),
                          ByteBuffer.wrap(GroupForm.write(draft.group()))))
              .toList();
      room.require(
          entries.stream().mapToLong(entry -> entry.payload().remaining()).sum(),
          "groups in the ledger");
      ledger().write(entries);
      batch.forEach(draft -> draft.written().complete(null));
    } catch (RuntimeException e) {
      batch.forEach(draft -> draft.written().completeExceptionally(e));
    }
  }

  @Override
  public CompletionStage<List<FinishedGroup>> recall(List<Ticket> tickets) {
    return CompletableFuture.supplyAsync(
        () -> tickets.stream().flatMap(ticket -> find(ticket).stream()).toList(), worker);
  }

  private Optional<FinishedGroup> find(Ticket ticket) {
    return ledger()
        .read(key(ticket.id()))
        .flatMap(bytes -> read(ticket.id(), bytes))
        .filter(group -> group.answers(ticket))
        .map(group -> group.as(ticket));
  }

  private static Optional<FinishedGroup> read(TicketId ticket, ByteBuffer bytes) {
    var form = new byte[bytes.remaining()];
    bytes.get(form);
    try {
      return Optional.of(GroupForm.read(form));
    } catch (NotSerializableException e) {
      LOG.warn(
          "group {} in the ledger is not used, it is sampled again: {}", ticket, e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void release(String phase, long before) {
    worker.execute(
        () -> {
          try {
            ledger().forgetBefore(phase, before);
          } catch (RuntimeException e) {
            LOG.warn("the ledger keeps more than it needs to", e);
          }
        });
  }

  private Ledger ledger() {
    if (ledger == null) {
      ledger = Ledger.open(directory, retention, SEGMENT_BYTES);
      ledger.findings().forEach(LOG::warn);
    }
    return ledger;
  }

  private static LedgerKey key(TicketId ticket) {
    return new LedgerKey(ticket.phase(), ticket.ordinal());
  }

  /** Lets the worker finish what has come in, and closes the files. */
  @Override
  public void close() {
    worker.execute(
        () -> {
          if (ledger != null) {
            ledger.close();
          }
        });
    worker.shutdown();
    try {
      if (!worker.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the ledger was not closed within {} s", DRAIN_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
