package dev.troupe.actors;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Waits that end: none of the calls that wait for as long as it takes, whether called or given away
 * as a method reference, and no spans of time that nobody would sit out. What a number in the code
 * says cannot be seen; which unit it has can.
 */
final class BoundedWaits extends ArchCondition<JavaClass> {
  /** Settings bound what people choose; a command that serves lives until it is told to end. */
  private static final List<String> LONG_SPANS = List.of(".settings.", ".cli.");

  /** A call that waits without a deadline, by the number of its parameters. */
  private record Endless(Class<?> owner, String name, int parameters) {
    boolean is(CodeUnitAccessTarget target) {
      return target.getName().equals(name)
          && target.getRawParameterTypes().size() == parameters
          && target.getOwner().isAssignableTo(owner);
    }
  }

  private static final List<Endless> ENDLESS =
      List.of(
          new Endless(CompletableFuture.class, "join", 0),
          new Endless(Future.class, "get", 0),
          new Endless(ForkJoinTask.class, "join", 0),
          new Endless(ForkJoinTask.class, "invoke", 0),
          new Endless(Thread.class, "join", 0),
          new Endless(CountDownLatch.class, "await", 0),
          new Endless(CyclicBarrier.class, "await", 0),
          new Endless(Phaser.class, "arriveAndAwaitAdvance", 0),
          new Endless(Condition.class, "await", 0),
          new Endless(Condition.class, "awaitUninterruptibly", 0),
          new Endless(BlockingQueue.class, "take", 0),
          new Endless(BlockingQueue.class, "put", 1),
          new Endless(CompletionService.class, "take", 0),
          new Endless(Process.class, "waitFor", 0),
          new Endless(Semaphore.class, "acquire", 0),
          new Endless(Semaphore.class, "acquire", 1),
          new Endless(Semaphore.class, "acquireUninterruptibly", 0),
          new Endless(ExecutorService.class, "invokeAll", 1),
          new Endless(ExecutorService.class, "invokeAny", 1),
          new Endless(ExecutorService.class, "close", 0),
          new Endless(LockSupport.class, "park", 0),
          new Endless(LockSupport.class, "park", 1),
          new Endless(Object.class, "wait", 0));

  BoundedWaits() {
    super("wait with a deadline");
  }

  @Override
  public void check(JavaClass type, ConditionEvents events) {
    boolean mayTakeLong = LONG_SPANS.stream().anyMatch((type.getName() + ".")::contains);
    Stream.concat(
            type.getAccessesFromSelf().stream(), type.getCodeUnitReferencesFromSelf().stream())
        .filter(access -> isEndless(access) || !mayTakeLong && isTooLong(access))
        .map(JavaAccess::getDescription)
        .distinct()
        .forEach(description -> events.add(SimpleConditionEvent.violated(type, description)));
  }

  private static boolean isEndless(JavaAccess<?> access) {
    return access.getTarget() instanceof CodeUnitAccessTarget target
        && ENDLESS.stream().anyMatch(endless -> endless.is(target));
  }

  private static boolean isTooLong(JavaAccess<?> access) {
    JavaClass owner = access.getTarget().getOwner();
    String name = access.getTarget().getName();
    return owner.isEquivalentTo(Duration.class) && name.equals("ofDays")
        || owner.isEquivalentTo(TimeUnit.class) && List.of("DAYS", "HOURS").contains(name)
        || owner.isEquivalentTo(ChronoUnit.class) && name.equals("FOREVER")
        || owner.getName().startsWith("scala.concurrent.duration.Duration") && name.equals("Inf");
  }
}
