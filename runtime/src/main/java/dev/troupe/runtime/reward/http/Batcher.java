package dev.troupe.runtime.reward.http;

import dev.troupe.runtime.http.CallException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Gathers what several threads ask at about the same time into one call. The first of them waits a
 * little for others, and makes the call for all; whoever comes when a batch is full begins another.
 *
 * @param <Q> a question
 * @param <A> its answer
 */
final class Batcher<Q, A> {
  private final int most;
  private final Duration wait;
  private final Duration deadline;
  private final Call<Q, A> call;
  private final Object lock = new Object();
  private Batch<Q, A> open;

  /** Answers several questions at once, in their order. */
  @FunctionalInterface
  interface Call<Q, A> {
    /** The answers; as many as questions. */
    List<A> answer(List<Q> questions) throws Exception;
  }

  private static final class Batch<Q, A> {
    final List<Q> questions = new ArrayList<>();
    final CompletableFuture<List<A>> answers = new CompletableFuture<>();
    final CompletableFuture<Void> full = new CompletableFuture<>();
  }

  /**
   * @param most questions of a call
   * @param wait how long the first waits for others
   * @param deadline how long the others wait for the first
   */
  Batcher(int most, Duration wait, Duration deadline, Call<Q, A> call) {
    this.most = most;
    this.wait = wait;
    this.deadline = deadline;
    this.call = call;
  }

  /**
   * The answer to a question.
   *
   * @throws Exception what the call threw
   */
  A ask(Q question) throws Exception {
    Batch<Q, A> batch;
    int place;
    synchronized (lock) {
      if (open == null) {
        open = new Batch<>();
      }
      batch = open;
      place = batch.questions.size();
      batch.questions.add(question);
      if (batch.questions.size() == most) {
        open = null;
        batch.full.complete(null);
      }
    }
    if (place == 0) {
      lead(batch);
    }
    try {
      return batch.answers.get(deadline.toNanos(), TimeUnit.NANOSECONDS).get(place);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (TimeoutException e) {
      throw new CallException("no answer within " + deadline.toMillis() + " ms", false);
    }
  }

  private void lead(Batch<Q, A> batch) {
    boolean isInterrupted = false;
    try {
      batch.full.get(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // nobody else came in time: the batch goes as it is
    } catch (InterruptedException e) {
      isInterrupted = true;
    }
    synchronized (lock) {
      if (open == batch) {
        open = null;
      }
    }
    try {
      if (isInterrupted) {
        throw new InterruptedException();
      }
      batch.answers.complete(call.answer(List.copyOf(batch.questions)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      batch.answers.completeExceptionally(
          new CallException("the call was given up: its deadline was over", false));
    } catch (Exception e) {
      batch.answers.completeExceptionally(e);
    }
  }
}
