package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.VersionSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * A stage that reads its data itself, one step ahead of its orders: while the weights of a step are
 * identified, told of and written down, the next step is trained already.
 *
 * <p>What comes of a step depends on the steps before it alone, so this is what the order would
 * have come to. Nobody hears of a step before its order, and it never goes beyond a step whose
 * checkpoint is due, so what is saved and what is told is the same as without it. A step that is
 * never ordered is lost with the process or the course.
 */
final class AheadCourse implements Course {
  private final Course course;
  private final LongFunction<Supplier<StepResult>> steps;
  private final StagePlan plan;
  private final ExecutorService thread;
  private long aheadOf = -1;
  private Future<Supplier<StepResult>> ahead;

  /**
   * @param course does everything but train
   * @param steps trains a step; what it gives publishes the weights, while the next step may be
   *     trained
   * @param plan of the stage
   */
  AheadCourse(Course course, LongFunction<Supplier<StepResult>> steps, StagePlan plan) {
    this.course = course;
    this.steps = steps;
    this.plan = plan;
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              var made = new Thread(work, "troupe-train-ahead");
              made.setDaemon(true);
              return made;
            });
  }

  @Override
  public List<VersionSet> open() {
    return course.open();
  }

  @Override
  public StepResult train(long step, List<ScoredGroup> groups) {
    if (ahead == null || aheadOf != step) {
      begin(step);
    }
    Supplier<StepResult> trained = taken();
    ahead = null;
    if (step + 1 < plan.steps() && !plan.isCheckpoint(step + 1)) {
      begin(step + 1);
    }
    return trained.get();
  }

  private void begin(long step) {
    aheadOf = step;
    ahead = thread.submit(() -> steps.apply(step));
  }

  private Supplier<StepResult> taken() {
    try {
      return ahead.get(plan.deadlines().train().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      ahead = null;
      throw e.getCause() instanceof RuntimeException unchecked
          ? unchecked
          : new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new RunException(
          "A step of stage %s was not trained within %d s; look at the load of the machine, or raise deadlines.train."
              .formatted(plan.name(), plan.deadlines().train().toSeconds()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while training stage " + plan.name(), e);
    }
  }

  @Override
  public List<Credit> credits() {
    return course.credits();
  }

  @Override
  public Runnable save(long stepsDone) {
    if (ahead != null) {
      throw new IllegalStateException(
          "stage %s is ahead of step %d, of which no checkpoint was due"
              .formatted(plan.name(), stepsDone));
    }
    return course.save(stepsDone);
  }

  @Override
  public void assist(long stepsDone) {
    course.assist(stepsDone);
  }

  @Override
  public void abandon(String reason) {
    course.abandon(reason);
  }

  @Override
  public VersionSet conclude() {
    return course.conclude();
  }

  /** Waits for the step that is being trained: what it uses must not be freed under it. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(plan.deadlines().train().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            "a step of stage %s has not ended within %d s; the process must be started again"
                .formatted(plan.name(), plan.deadlines().train().toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while closing stage " + plan.name(), e);
    }
    course.close();
  }
}
