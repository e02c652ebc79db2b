package dev.troupe.actors.event;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * The events of a run as a stream in the sense of {@link Flow}: a subscriber gets as many as it
 * requests. Each subscriber has a bounded buffer; one that lags further behind misses the oldest
 * events, which the next {@link Observation} counts, and never holds the run up. Akka Streams takes
 * it by {@code JavaFlowSupport.Source.fromPublisher}.
 */
public final class EventStream implements Flow.Publisher<Observation>, RunListener {
  private static final int BUFFER = 256;

  private final int capacity;
  private final Executor executor;
  private final List<Line> lines = new CopyOnWriteArrayList<>();
  private boolean isOver;

  /** A stream with a buffer of 256 events for each subscriber. */
  public EventStream() {
    this(BUFFER);
  }

  /**
   * @param capacity events that a subscriber may lag behind, at least 1
   */
  public EventStream(int capacity) {
    this(capacity, ForkJoinPool.commonPool());
  }

  /**
   * A subscriber that takes one observation after the other, each when it is done with the last.
   */
  public static Flow.Subscriber<Observation> each(Consumer<Observation> action) {
    return new Flow.Subscriber<>() {
      private Flow.Subscription subscription;

      @Override
      public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(1);
      }

      @Override
      public void onNext(Observation observation) {
        action.accept(observation);
        subscription.request(1);
      }

      @Override
      public void onError(Throwable cause) {
        LoggerFactory.getLogger(EventStream.class).warn("the stream of events broke off", cause);
      }

      @Override
      public void onComplete() {}
    };
  }

  EventStream(int capacity, Executor executor) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity = " + capacity + " is not 1 or more");
    }
    this.capacity = capacity;
    this.executor = executor;
  }

  /**
   * Tells a subscriber what happens from now on, on a thread of its own choice of time; completes
   * when the run is over or this process leaves it.
   */
  @Override
  public void subscribe(Flow.Subscriber<? super Observation> subscriber) {
    var line = new Line(subscriber);
    synchronized (this) {
      lines.add(line);
      if (isOver) {
        line.complete();
      }
    }
    line.open();
  }

  @Override
  public synchronized void on(RunEvent event) {
    if (isOver) {
      return;
    }
    lines.forEach(line -> line.offer(event));
    if (event instanceof RunEvent.RunFinished
        || event instanceof RunEvent.RunPaused
        || event instanceof RunEvent.RunFailed) {
      complete();
    }
  }

  /** Ends the stream after what is in the buffers; does nothing when it has ended. */
  public synchronized void complete() {
    isOver = true;
    lines.forEach(Line::complete);
  }

  /**
   * Waits until every subscriber has got what it has requested so far.
   *
   * @param patience how long at most
   * @return whether that is so
   */
  public boolean settle(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    for (Line line : lines) {
      if (!line.settle(deadline)) {
        return false;
      }
    }
    return true;
  }

  /** One subscription; its monitor guards its state, and one task at a time serves it. */
  private final class Line implements Flow.Subscription, Runnable {
    private final Flow.Subscriber<? super Observation> subscriber;
    private final Deque<Observation> buffer = new ArrayDeque<>();
    private long requested;
    private boolean isOpen;
    private boolean isCompleted;
    private boolean isEnded;
    private boolean isServed;
    private RuntimeException failure;

    Line(Flow.Subscriber<? super Observation> subscriber) {
      this.subscriber = subscriber;
    }

    void open() {
      subscriber.onSubscribe(this);
      synchronized (this) {
        isOpen = true;
      }
      serve();
    }

    void offer(RunEvent event) {
      synchronized (this) {
        buffer.addLast(new Observation(event, 0));
        if (buffer.size() > capacity) {
          long missed = 1 + buffer.removeFirst().missed();
          Observation oldest = buffer.removeFirst();
          buffer.addFirst(new Observation(oldest.event(), oldest.missed() + missed));
        }
      }
      serve();
    }

    void complete() {
      synchronized (this) {
        isCompleted = true;
      }
      serve();
    }

    @Override
    public void request(long count) {
      synchronized (this) {
        if (count < 1) {
          failure =
              new IllegalArgumentException("a request for " + count + " events is not positive");
        } else {
          requested = requested + count < 0 ? Long.MAX_VALUE : requested + count;
        }
      }
      serve();
    }

    @Override
    public void cancel() {
      synchronized (this) {
        isEnded = true;
        buffer.clear();
      }
      lines.remove(this);
    }

    synchronized boolean settle(long deadline) throws InterruptedException {
      while (isServed) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
      return true;
    }

    private void serve() {
      synchronized (this) {
        if (isServed || !isOpen || isEnded) {
          return;
        }
        isServed = true;
      }
      executor.execute(this);
    }

    @Override
    public void run() {
      try {
        Runnable signal = next();
        while (signal != null) {
          signal.run();
          signal = next();
        }
      } catch (RuntimeException e) { // A subscriber that throws is none any more (Flow, rule 2.13).
        LoggerFactory.getLogger(EventStream.class).warn("a subscriber failed and gets no more", e);
        cancel();
        next();
      }
    }

    /** The next signal that is due; without one this task is over. */
    private synchronized Runnable next() {
      if (!isEnded && failure != null) {
        RuntimeException cause = failure;
        cancel();
        return () -> subscriber.onError(cause);
      }
      if (!isEnded && requested > 0 && !buffer.isEmpty()) {
        requested -= requested == Long.MAX_VALUE ? 0 : 1;
        Observation observation = buffer.removeFirst();
        return () -> subscriber.onNext(observation);
      }
      if (!isEnded && isCompleted && buffer.isEmpty()) {
        cancel();
        return subscriber::onComplete;
      }
      isServed = false;
      notifyAll();
      return null;
    }
  }
}
