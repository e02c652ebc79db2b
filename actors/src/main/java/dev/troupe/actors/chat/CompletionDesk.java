package dev.troupe.actors.chat;

import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.DecodeBatch;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Where requests wait until the thread that owns the engine takes them. Those that are sampled
 * alike and come at about the same time are decoded together; a batch that is under way does not
 * keep later requests waiting, because all batches advance in turn.
 *
 * <p>Any thread asks; one thread at a time decodes.
 */
final class CompletionDesk {
  private final int most;
  private final Object lock = new Object();
  private final Deque<Ask> waiting = new ArrayDeque<>();
  private final List<Course> courses = new ArrayList<>();
  private int open;

  /**
   * @param most requests that wait or are under way; further ones are refused
   */
  CompletionDesk(int most) {
    this.most = most;
  }

  /**
   * A request.
   *
   * @param request what is to be continued
   * @param sampling how; requests with the same one are decoded together
   * @param seed of the random numbers, with ticket and sample
   * @param progress is told what there is so far, now and then, on the decoding thread
   * @param result the completions, in sample order
   */
  private record Ask(
      GenerationRequest request,
      Sampling sampling,
      long seed,
      Consumer<List<Completion>> progress,
      CompletableFuture<List<Completion>> result) {}

  /** What requests must have in common to be decoded together. */
  private record Likeness(Sampling sampling, long seed) {}

  /** A batch under way. */
  private record Course(DecodeBatch batch, List<Ask> asks) {}

  /**
   * Asks for completions.
   *
   * @return empty if too many requests are waiting
   */
  Optional<CompletableFuture<List<Completion>>> ask(
      GenerationRequest request,
      Sampling sampling,
      long seed,
      Consumer<List<Completion>> progress) {
    var ask = new Ask(request, sampling, seed, progress, new CompletableFuture<>());
    synchronized (lock) {
      if (open >= most) {
        return Optional.empty();
      }
      open++;
      waiting.add(ask);
      lock.notifyAll();
    }
    return Optional.of(ask.result());
  }

  /**
   * Waits until somebody asks.
   *
   * @return whether there is anything to do
   */
  boolean await(Duration longest) throws InterruptedException {
    synchronized (lock) {
      if (waiting.isEmpty() && courses.isEmpty()) {
        lock.wait(Math.max(1, longest.toMillis()));
      }
      return !waiting.isEmpty() || !courses.isEmpty();
    }
  }

  /** Begins what waits, and takes every batch one chunk of tokens further. */
  void advance(GenerationEngine engine, Tokenizer tokenizer) {
    begin(engine, tokenizer);
    for (Iterator<Course> each = courses.iterator(); each.hasNext(); ) {
      Course course = each.next();
      if (advance(course)) {
        each.remove();
        course.batch().close();
      }
    }
  }

  private void begin(GenerationEngine engine, Tokenizer tokenizer) {
    Map<Likeness, List<Ask>> alike = new LinkedHashMap<>();
    synchronized (lock) {
      for (Ask ask : waiting) {
        alike
            .computeIfAbsent(new Likeness(ask.sampling(), ask.seed()), key -> new ArrayList<>())
            .add(ask);
      }
      waiting.clear();
    }
    alike.forEach(
        (likeness, asks) -> {
          try {
            List<GenerationRequest> requests = asks.stream().map(Ask::request).toList();
            courses.add(
                new Course(
                    engine.start(requests, likeness.sampling(), likeness.seed(), tokenizer), asks));
          } catch (RuntimeException e) {
            asks.forEach(ask -> fail(ask, e));
          }
        });
  }

  /** Whether the batch has come to its end. */
  private boolean advance(Course course) {
    try {
      course.batch().advance();
      List<List<Completion>> so = course.batch().progress();
      for (int i = 0; i < so.size(); i++) {
        course.asks().get(i).progress().accept(so.get(i));
      }
      if (!course.batch().isFinished()) {
        return false;
      }
      List<List<Completion>> done = course.batch().completions();
      for (int i = 0; i < done.size(); i++) {
        Ask ask = course.asks().get(i);
        leave();
        ask.result().complete(done.get(i));
      }
    } catch (RuntimeException e) {
      course.asks().forEach(ask -> fail(ask, e));
    }
    return true;
  }

  private void fail(Ask ask, RuntimeException cause) {
    leave();
    ask.result().completeExceptionally(cause);
  }

  private void leave() {
    synchronized (lock) {
      open--;
    }
  }

  /** Gives up everything; called by the decoding thread. */
  void abandon(String reason) {
    List<Ask> left = new ArrayList<>();
    synchronized (lock) {
      left.addAll(waiting);
      waiting.clear();
    }
    for (Course course : courses) {
      left.addAll(course.asks());
      course.batch().close();
    }
    courses.clear();
    left.forEach(ask -> fail(ask, new IllegalStateException(reason)));
  }
}
