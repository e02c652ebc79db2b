package dev.troupe.actors.journal;

import akka.persistence.AtomicWrite;
import akka.persistence.PersistentRepr;
import akka.persistence.journal.japi.AsyncWriteJournal;
import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/**
 * Akka Persistence in the run directory: decisions are acknowledged when they are on the disk. The
 * files are opened by the first use, and worked on by one thread.
 */
public final class FileJournal extends AsyncWriteJournal {
  private static final Logger LOG = LoggerFactory.getLogger(FileJournal.class);
  private static final long DRAIN_SECONDS = 10;

  private final Path folder;
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            var thread = new Thread(task, "troupe-journal");
            thread.setDaemon(true);
            return thread;
          });

  /** Opened by the first task; used by the worker alone. */
  private JournalFiles files;

  /**
   * Called by Akka.
   *
   * @param config of the plugin; its {@code directory} is where the files are
   */
  public FileJournal(Config config) {
    this.folder = Path.of(config.getString("directory"));
  }

  @Override
  public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> writes) {
    return work(
        () -> {
          String id = "";
          var batches = new ArrayList<DecisionBatch>();
          var results = new ArrayList<Optional<Exception>>();
          for (AtomicWrite write : writes) {
            id = write.persistenceId(); // Writes that come together are of one actor.
            batches.add(batch(write));
            results.add(Optional.empty());
          }
          files().write(id, batches);
          return results;
        });
  }

  private static DecisionBatch batch(AtomicWrite write) {
    List<PersistentRepr> all = CollectionConverters.asJava(write.payload());
    return new DecisionBatch(
        write.lowestSequenceNr(),
        all.get(0).writerUuid(),
        all.get(0).timestamp(),
        all.stream().map(it -> (Decision) it.payload()).toList());
  }

  /** What was decided stays. */
  @Override
  public Future<Void> doAsyncDeleteMessagesTo(String id, long last) {
    return FutureConverters.asScala(
        CompletableFuture.failedFuture(
            new UnsupportedOperationException("decisions are never deleted")));
  }

  @Override
  public Future<Void> doAsyncReplayMessages(
      String id, long from, long to, long most, Consumer<PersistentRepr> replay) {
    return work(
        () -> {
          files().read(id).stream()
              .flatMap(batch -> representations(id, batch).stream())
              .filter(it -> it.sequenceNr() >= from && it.sequenceNr() <= to)
              .limit(most)
              .forEach(replay);
          return null;
        });
  }

  private static List<PersistentRepr> representations(String id, DecisionBatch batch) {
    var all = new ArrayList<PersistentRepr>(batch.decisions().size());
    for (Decision decision : batch.decisions()) {
      all.add(
          PersistentRepr.apply(
                  decision, batch.first() + all.size(), id, "", false, null, batch.writer())
              .withTimestamp(batch.millis()));
    }
    return all;
  }

  @Override
  public Future<Long> doAsyncReadHighestSequenceNr(String id, long from) {
    return work(() -> files().last(id));
  }

  private <T> Future<T> work(Supplier<T> task) {
    return FutureConverters.asScala(CompletableFuture.supplyAsync(task, worker));
  }

  private JournalFiles files() {
    if (files == null) {
      files = JournalFiles.open(folder);
    }
    return files;
  }

  /** Lets the worker finish what has come in, so that another process finds the files closed. */
  @Override
  public void postStop() {
    worker.execute(
        () -> {
          if (files != null) {
            files.close();
          }
        });
    worker.shutdown();
    try {
      if (!worker.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the journal was not closed within {} s", DRAIN_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
