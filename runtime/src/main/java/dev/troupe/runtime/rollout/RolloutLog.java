package dev.troupe.runtime.rollout;

import dev.troupe.runtime.record.RecordException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Writes rollouts to files of a run, on a thread of its own. Who adds rows waits only when more
 * tokens are on their way than fit into memory.
 *
 * <p>A file appears under its name when its bytes are on the disk. Rows that were added before
 * {@link #flush} returned are there for good; whoever flushes before each checkpoint and calls
 * {@link #truncateAfter} with the checkpoint that it goes on from has every row of the run once.
 */
public final class RolloutLog implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** Tokens that wait for the writer, at about 40 bytes each. */
  private static final int MOST_WAITING = 1 << 22;

  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> {
            var thread = new Thread(task, "troupe-rollouts");
            thread.setDaemon(true);
            return thread;
          });
  private final Semaphore room = new Semaphore(MOST_WAITING);
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
  private final Path directory;
  private final RolloutTable table;

  /**
   * @param run the run directory; nothing is created before there is something to write
   * @param mostBytes disk space of all files, beyond which the oldest ones are removed; 0 = no
   *     bound
   * @param facts what the metadata of each file says of the run, by identifiers
   */
  public RolloutLog(Path run, long mostBytes, Map<String, String> facts) {
    this.directory = run.resolve("rollouts");
    this.table = new RolloutTable(RolloutFiles.of(run), mostBytes, facts);
  }

  /**
   * Adds the rows of a step.
   *
   * @param tokens about how many they have together
   * @param rows makes them, on the thread of the log
   * @throws RecordException if earlier rows could not be written, or the disk is too slow
   */
  public void add(String stage, long step, long tokens, Supplier<List<RolloutRow>> rows) {
    requireSound();
    int permits = (int) Math.min(MOST_WAITING, Math.max(1, tokens));
    if (!acquired(permits)) {
      throw new RecordException(
          "rollouts are not written to %s within %s; check its disk, or record fewer with records.rollouts.share"
              .formatted(directory, PATIENCE),
          null);
    }
    writer.execute(
        () -> {
          try {
            attempt(() -> table.add(stage, step, rows.get()));
          } finally {
            room.release(permits);
          }
        });
  }

  private boolean acquired(int permits) {
    try {
      return room.tryAcquire(permits, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** What fails is told to whoever calls next, and nothing is written after a gap. */
  private void attempt(Runnable work) {
    if (failure.get() != null) {
      return;
    }
    try {
      work.run();
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  private void requireSound() {
    RuntimeException cause = failure.get();
    if (cause != null) {
      throw cause;
    }
  }

  /** Returns when all rows added so far are on the disk. */
  public void flush() {
    await(writer.submit(() -> attempt(table::write)));
    requireSound();
  }

  /**
   * Forgets the steps of a stage that will be done again, also those on the disk.
   *
   * @param step the last one that stays; 0 if the stage begins anew
   */
  public void truncateAfter(String stage, long step) {
    await(
        writer.submit(
            () -> {
              // What failed is done again from here on.
              failure.set(null);
              attempt(() -> table.truncateAfter(stage, step));
            }));
    requireSound();
  }

  /** Writes the rows of an evaluation, in place of an earlier one of the same stage. */
  public void evaluation(String stage, Supplier<List<RolloutRow>> rows) {
    await(writer.submit(() -> attempt(() -> table.evaluation(stage, rows.get()))));
    requireSound();
  }

  private void await(Future<?> work) {
    try {
      work.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecordException("writing rollouts to " + directory + " was interrupted", e);
    } catch (TimeoutException e) {
      throw new RecordException(
          "rollouts are not written to %s within %s; check its disk".formatted(directory, PATIENCE),
          e);
    } catch (ExecutionException e) {
      throw new RecordException("rollouts cannot be written to " + directory + ": " + e, e);
    }
  }

  /** Ends without writing what was not flushed: it is done again. */
  @Override
  public void close() {
    writer.execute(table::close);
    writer.shutdown();
    try {
      if (!writer.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        writer.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
