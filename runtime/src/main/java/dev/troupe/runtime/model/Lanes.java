package dev.troupe.runtime.model;

import ai.djl.pytorch.jni.JniUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads on which an operator uses one core each, so that several chains of small operators run
 * side by side. A small operator gains nothing from more cores; a chain of them leaves the others
 * idle.
 */
final class Lanes implements AutoCloseable {
  /** A piece is a chunk of some tokens or one micro-batch: seconds, minutes at the very worst. */
  private static final Duration PATIENCE = Duration.ofMinutes(30);

  private final List<ExecutorService> threads = new ArrayList<>();

  /**
   * @param count how many
   * @param processThreads threads of an operator everywhere else
   */
  Lanes(int count, int processThreads) {
    for (int i = 0; i < count; i++) {
      String name = "troupe-lane-" + i;
      ExecutorService thread =
          Executors.newSingleThreadExecutor(
              work -> {
                var made = new Thread(work, name);
                made.setDaemon(true);
                return made;
              });
      threads.add(thread);
      // libtorch keeps the number a thread, but also as the default of threads that come later:
      // asking for it first makes this thread one of those that have theirs already.
      await(
          List.of(
              thread.submit(
                  () -> {
                    JniUtils.getNumThreads();
                    JniUtils.setNumThreads(1);
                  })));
    }
    JniUtils.setNumThreads(processThreads);
  }

  int count() {
    return threads.size();
  }

  /** Runs each piece of work in a lane of its own and returns when all have ended. */
  void run(List<Runnable> work) {
    var running = new ArrayList<Future<?>>(work.size());
    for (int i = 0; i < work.size(); i++) {
      running.add(threads.get(i % threads.size()).submit(work.get(i)));
    }
    await(running);
  }

  /** Waits for all, also after a failure: what still runs must not outlive its arrays. */
  private static void await(List<? extends Future<?>> running) {
    var failures = new ArrayList<RuntimeException>();
    boolean interrupted = false;
    for (Future<?> future : running) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      boolean ended = false;
      while (!ended) {
        try {
          future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
          ended = true;
        } catch (InterruptedException e) {
          interrupted = true; // native work cannot be interrupted
        } catch (ExecutionException e) {
          failures.add(
              e.getCause() instanceof RuntimeException unchecked
                  ? unchecked
                  : new IllegalStateException(e.getCause()));
          ended = true;
        } catch (TimeoutException e) {
          failures.add(
              new DeviceException(
                  "a piece of native work has not ended in %d minutes; the process must be started again"
                      .formatted(PATIENCE.toMinutes())));
          ended = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.get(0);
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
  }

  @Override
  public void close() {
    threads.forEach(ExecutorService::shutdown);
  }
}
