package dev.troupe.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** What nobody may write: each method waits for ever, or as good as. Never called. */
final class EndlessWaits {
  void joinOfAFuture(CompletableFuture<?> future) {
    future.join();
  }

  List<?> joinOfFuturesByReference(Stream<CompletableFuture<?>> futures) {
    return futures.map(CompletableFuture::join).toList();
  }

  void getOfACompletableFuture(CompletableFuture<?> future) throws Exception {
    future.get();
  }

  void getOfAFuture(Future<?> future) throws Exception {
    future.get();
  }

  void joinOfAThread(Thread thread) throws Exception {
    thread.join();
  }

  void awaitOfALatch(CountDownLatch latch) throws Exception {
    latch.await();
  }

  void awaitOfACondition(Condition condition) throws Exception {
    condition.await();
  }

  void awaitOfABarrier(CyclicBarrier barrier) throws Exception {
    barrier.await();
  }

  void takeOfAQueue(BlockingQueue<?> queue) throws Exception {
    queue.take();
  }

  void putOfAQueue(BlockingQueue<Object> queue) throws Exception {
    queue.put(queue);
  }

  void waitForOfAProcess(Process process) throws Exception {
    process.waitFor();
  }

  void acquireOfASemaphore(Semaphore semaphore) throws Exception {
    semaphore.acquire();
  }

  void invokeAllOfAnExecutor(ExecutorService executor, List<Callable<Object>> tasks)
      throws Exception {
    executor.invokeAll(tasks);
  }

  void park() {
    LockSupport.park();
  }

  void waitOfAnObject() throws Exception {
    synchronized (this) {
      wait();
    }
  }

  void askForAYear(ActorRef<Object> actor, ActorSystem<?> system) {
    AskPattern.ask(actor, reply -> reply, Duration.ofDays(365), system.scheduler());
  }

  void askForEver(ActorRef<Object> actor, ActorSystem<?> system) {
    AskPattern.ask(actor, reply -> reply, ChronoUnit.FOREVER.getDuration(), system.scheduler());
  }

  void getForAYear(Future<?> future) throws Exception {
    future.get(365, TimeUnit.DAYS);
  }
}
