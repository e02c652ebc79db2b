package dev.troupe.actors.reward;

import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.runtime.reward.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bounded number of threads that run reward functions, each call under a deadline that begins
 * when the call does.
 *
 * <p>A call that overruns is interrupted and its rollout fails. Until it heeds the interrupt
 * another thread takes its place, so that stuck user code cannot bring scoring to a halt; how many
 * may be replaced is bounded, and beyond that the deadline of the work unit speaks.
 */
public final class ScoringDesk implements GroupScorer, AutoCloseable {
  /** Most threads stuck in user code that are replaced. */
  static final int MOST_STUCK = 32;

  private final RewardPanel panel;
  private final Duration deadline;
  private final int attempts;
  private final int threads;
  private final ThreadPoolExecutor workers;
  private final ScheduledExecutorService watch;
  private final AtomicInteger stuck = new AtomicInteger();

  /**
   * @param panel what judges
   * @param threads calls at the same time
   * @param deadline of one call
   * @param attempts how often a rollout is tried before it is failed, at least 1, all within one
   *     deadline
   */
  public ScoringDesk(RewardPanel panel, int threads, Duration deadline, int attempts) {
    this.panel = panel;
    this.deadline = deadline;
    this.attempts = attempts;
    this.threads = threads;
    this.workers =
        new ThreadPoolExecutor(
            threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named("reward"));
    // A call that begins while the desk closes needs no deadline any more.
    var timer =
        new ScheduledThreadPoolExecutor(
            1, named("reward-deadlines"), new ThreadPoolExecutor.DiscardPolicy());
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

  @Override
  public CompletionStage<List<Outcome>> score(Group group) {
    var outcomes = new ArrayList<CompletableFuture<Outcome>>(group.rollouts().size());
    for (Rollout rollout : group.rollouts()) {
      outcomes.add(score(group.ticket(), rollout));
    }
    return CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
        .thenApply(done -> outcomes.stream().map(outcome -> outcome.getNow(null)).toList());
  }

  private CompletableFuture<Outcome> score(Ticket ticket, Rollout rollout) {
    var call = new Call(ticket, rollout);
    workers.execute(call);
    return call.outcome;
  }

  @Override
  public void close() {
    workers.shutdownNow();
    watch.shutdownNow();
  }

  /** The scoring of one rollout on one thread. */
  private final class Call implements Runnable {
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final Ticket ticket;
    private final Rollout rollout;

    /** The thread while it runs the call; guards what is done to it from outside. */
    private Thread worker;

    private boolean isGivenUp;

    Call(Ticket ticket, Rollout rollout) {
      this.ticket = ticket;
      this.rollout = rollout;
    }

    @Override
    public void run() {
      begin();
      Future<?> expiry = watch.schedule(this::overrun, deadline.toMillis(), TimeUnit.MILLISECONDS);
      try {
        outcome.complete(judge());
      } finally {
        expiry.cancel(false);
        end();
      }
    }

    private Outcome judge() {
      Outcome last = null;
      for (int attempt = 1; attempt <= attempts && !outcome.isDone(); attempt++) {
        try {
          last = panel.judge(ticket, rollout);
        } catch (Throwable e) { // The edge of the thread: user code may throw anything.
          last = new Outcome.Failed(Failure.sentence(e));
        }
        if (last instanceof Outcome.Scored) {
          break;
        }
      }
      return last;
    }

    private void overrun() {
      if (outcome.complete(new Outcome.Failed("no reward within " + deadline))) {
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
