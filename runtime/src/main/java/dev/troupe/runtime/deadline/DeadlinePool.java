package dev.troupe.runtime.deadline;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bounded number of threads that run foreign code, each call under a deadline that begins when
 * the call does.
 *
 * <p>A call that overruns is interrupted and fails. Until it heeds the interrupt another thread
 * takes its place, so that stuck code cannot bring the others to a halt; how many may be replaced
 * is bounded, and beyond that the deadline of whoever waits speaks. Safe for several threads.
 */
public final class DeadlinePool implements AutoCloseable {
  /** Most threads stuck in foreign code that are replaced. */
  public static final int MOST_STUCK = 32;

  private final Duration deadline;
  private final int threads;
  private final ThreadPoolExecutor workers;
  private final ScheduledExecutorService watch;
  private final AtomicInteger stuck = new AtomicInteger();

  /**
   * @param name of the threads
   * @param threads calls at the same time
   * @param deadline of one call
   */
  public DeadlinePool(String name, int threads, Duration deadline) {
    this.deadline = deadline;
    this.threads = threads;
    this.workers =
        new ThreadPoolExecutor(
            threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named(name));
    // A call that begins while the pool closes needs no deadline any more.
    var timer =
        new ScheduledThreadPoolExecutor(
            1, named(name + "-deadlines"), new ThreadPoolExecutor.DiscardPolicy());
    timer.setRemoveOnCancelPolicy(true);
    this.watch = timer;
  }

  private static ThreadFactory named(String name) {
    var count = new AtomicInteger();
    return task -> {
      var thread = new Thread(task, "troupe-" + name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** How long a call may take. */
  public Duration deadline() {
    return deadline;
  }

  /**
   * Makes a call as soon as a thread is free.
   *
   * @return what it returned; failed with what it threw, or with a {@link TimeoutException} if it
   *     overran
   */
  public <T> CompletableFuture<T> call(Callable<T> code) {
    var call = new Call<>(code);
    workers.execute(call);
    return call.result;
  }

  @Override
  public void close() {
    workers.shutdownNow();
    watch.shutdownNow();
  }

  /** One call on one thread. */
  private final class Call<T> implements Runnable {
    final CompletableFuture<T> result = new CompletableFuture<>();
    private final Callable<T> code;

    /** The thread while it runs the call; guards what is done to it from outside. */
    private Thread worker;

    private boolean isGivenUp;

    Call(Callable<T> code) {
      this.code = code;
    }

    @Override
    public void run() {
      begin();
      Future<?> expiry = watch.schedule(this::overrun, deadline.toMillis(), TimeUnit.MILLISECONDS);
      try {
        result.complete(code.call());
      } catch (Throwable e) { // The edge of the thread: foreign code may throw anything.
        result.completeExceptionally(e);
      } finally {
        expiry.cancel(false);
        end();
      }
    }

    private void overrun() {
      if (result.completeExceptionally(new TimeoutException("no answer within " + deadline))) {
        interrupt();
        watch.execute(this::giveUp);
      }
    }

    private synchronized void begin() {
      worker = Thread.currentThread();
    }

    private synchronized void interrupt() {
      if (worker != null) {
        worker.interrupt();
      }
    }

    private synchronized void giveUp() {
      if (worker != null && stuck.get() < MOST_STUCK) {
        isGivenUp = true;
        resize(stuck.incrementAndGet());
      }
    }

    private synchronized void end() {
      worker = null;
      // An interrupt that came for this call must not hit the next one on this thread.
      Thread.interrupted();
      if (isGivenUp) {
        resize(stuck.decrementAndGet());
      }
    }
  }

  /** Keeps as many free threads as there were at the beginning. */
  private synchronized void resize(int stuckNow) {
    int size = threads + stuckNow;
    if (size > workers.getMaximumPoolSize()) {
      workers.setMaximumPoolSize(size);
      workers.setCorePoolSize(size);
    } else {
      workers.setCorePoolSize(size);
      workers.setMaximumPoolSize(size);
    }
  }
}
