package dev.troupe.actors.reward;

import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.runtime.deadline.DeadlinePool;
import dev.troupe.runtime.reward.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/**
 * A bounded number of threads that run reward functions, each call under a deadline that begins
 * when the call does. A call that overruns is interrupted and its rollout fails.
 */
public final class ScoringDesk implements GroupScorer, AutoCloseable {
  private final RewardPanel panel;
  private final int attempts;
  private final DeadlinePool pool;

  /**
   * @param panel what judges
   * @param threads calls at the same time
   * @param deadline of one call
   * @param attempts how often a rollout is tried before it is failed, at least 1, all within one
   *     deadline
   */
  public ScoringDesk(RewardPanel panel, int threads, Duration deadline, int attempts) {
    this.panel = panel;
    this.attempts = attempts;
    this.pool = new DeadlinePool("reward", threads, deadline);
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
    return pool.call(() -> judge(ticket, rollout)).exceptionally(this::failed);
  }

  private Outcome judge(Ticket ticket, Rollout rollout) {
    Outcome last = null;
    for (int attempt = 1;
        attempt <= attempts && !Thread.currentThread().isInterrupted();
        attempt++) {
      try {
        last = panel.judge(ticket, rollout);
      } catch (Throwable e) { // User code may throw anything, and may be tried again.
        last = new Outcome.Failed(Failure.sentence(e));
      }
      if (last instanceof Outcome.Scored) {
        break;
      }
    }
    return last == null ? new Outcome.Failed("scoring was interrupted") : last;
  }

  private Outcome failed(Throwable thrown) {
    Throwable cause = Failure.unwrapped(thrown);
    return new Outcome.Failed(
        cause instanceof TimeoutException
            ? "no reward within " + pool.deadline()
            : Failure.sentence(cause));
  }

  @Override
  public void close() {
    pool.close();
  }
}
