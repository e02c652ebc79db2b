package dev.troupe.runtime.environment;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.deadline.DeadlinePool;
import dev.troupe.runtime.environment.Environment.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where the episodes of a process are played: calls to environments run side by side on threads of
 * their own, each within the deadline of the world. Safe for several threads.
 */
public final class Episodes implements AutoCloseable {
  private final World world;
  private final DeadlinePool pool;

  /**
   * What came of a call.
   *
   * @param value what it returned; null if it failed
   * @param failure why there is no value, for a person; empty if there is one
   */
  public record Answer<T>(T value, Optional<String> failure) {
    static <T> Answer<T> failed(String reason) {
      return new Answer<>(null, Optional.of(reason));
    }
  }

  /** Where an episode begins. */
  public record Start(Example example, long seed) {}

  /** Opens the place; nothing is called yet. */
  public Episodes(World world) {
    this.world = world;
    this.pool = new DeadlinePool("environment", world.threads(), world.deadline());
  }

  /** What the episodes have in common. */
  public World world() {
    return world;
  }

  /** Begins episodes; whoever gets an environment closes it. */
  public List<Answer<Environment>> begin(List<Start> starts) throws InterruptedException {
    return all(starts.stream().<Callable<Environment>>map(start -> () -> begin(start)).toList());
  }

  private Environment begin(Start start) throws Exception {
    Environment environment = world.environment();
    try {
      environment.reset(start.example(), start.seed());
      return environment;
    } catch (Exception e) {
      environment.close();
      throw e;
    }
  }

  /**
   * Answers turns.
   *
   * @param environments one a turn
   * @param actions what the policy said in each
   */
  public List<Answer<Step>> step(List<Environment> environments, List<String> actions)
      throws InterruptedException {
    var calls = new ArrayList<Callable<Step>>(actions.size());
    for (int i = 0; i < actions.size(); i++) {
      Environment environment = environments.get(i);
      String action = actions.get(i);
      calls.add(() -> environment.step(action));
    }
    return all(calls);
  }

  /** What a good policy would say now; see {@link Environment#demonstrate}. */
  public Answer<Optional<String>> demonstrate(Environment environment) throws InterruptedException {
    return all(List.<Callable<Optional<String>>>of(environment::demonstrate)).get(0);
  }

  /**
   * Closes environments side by side; what goes wrong then is nobody's result any more.
   *
   * @param environments those that are not needed any longer
   */
  public void close(List<Environment> environments) throws InterruptedException {
    all(environments.stream().map(Episodes::closing).toList());
  }

  private static Callable<Boolean> closing(Environment environment) {
    return () -> {
      environment.close();
      return true;
    };
  }

  private <T> List<Answer<T>> all(List<Callable<T>> calls) throws InterruptedException {
    var running = new ArrayList<CompletableFuture<T>>(calls.size());
    for (Callable<T> call : calls) {
      running.add(pool.call(call));
    }
    // Each call ends within its deadline, and at most this many have to wait for another.
    int rounds = calls.size() / world.threads() + 2;
    Duration patience = world.deadline().multipliedBy(rounds);
    long end = System.nanoTime() + patience.toNanos();
    var answers = new ArrayList<Answer<T>>(calls.size());
    for (CompletableFuture<T> call : running) {
      answers.add(answer(call, end - System.nanoTime()));
    }
    return answers;
  }

  private <T> Answer<T> answer(CompletableFuture<T> call, long leftNanos)
      throws InterruptedException {
    try {
      T value = call.get(Math.max(leftNanos, 1), TimeUnit.NANOSECONDS);
      return value == null
          ? Answer.failed(said("gave nothing in place of an answer"))
          : new Answer<>(value, Optional.empty());
    } catch (TimeoutException e) {
      return Answer.failed(said("had no thread left; its calls do not heed interrupts"));
    } catch (ExecutionException e) {
      return Answer.failed(
          e.getCause() instanceof TimeoutException
              ? said("gave no answer within " + world.deadline())
              : said("failed: " + e.getCause()));
    }
  }

  private String said(String what) {
    return "environment " + world.kind() + " " + what;
  }

  @Override
  public void close() {
    pool.close();
  }
}
