package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Metric;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Steps that are trained before they are ordered, with a method that only counts. */
class AheadCourseTest {
  private static final int PATIENCE_SECONDS = 20;

  /** Six steps with a checkpoint after every third. */
  private static final StagePlan PLAN =
      new StagePlan("sft", "sft", 6, 0, Optional.empty(), 0, true, 3, Deadlines.USUAL, Metric.LOSS);

  private final BlockingQueue<String> happened = new LinkedBlockingQueue<>();

  @Test
  void trainsTheNextStepWithoutAnOrderButNoneBeyondACheckpoint() throws Exception {
    try (var course = course(this::counted)) {
      assertEquals(1, course.train(0, List.of()).inForce().step());
      assertNext("step 0");
      assertNext("step 1");
      assertEquals(2, course.train(1, List.of()).inForce().step());
      assertNext("step 2");
      assertEquals(3, course.train(2, List.of()).inForce().step());
      course.save(3).run();
      assertNext("saved 3");
      assertEquals(4, course.train(3, List.of()).inForce().step());
      assertNext("step 3");
      assertNext("step 4");
    }
    assertNext("closed");
    assertEquals(0, happened.size(), happened::toString);
  }

  @Test
  void tellsOfAFailureWhenTheStepIsOrdered() {
    try (var course =
        course(
            step -> {
              if (step == 1) {
                throw new IllegalArgumentException("no such example");
              }
              return counted(step);
            })) {
      course.train(0, List.of());

      var failure = assertThrows(IllegalArgumentException.class, () -> course.train(1, List.of()));
      assertEquals("no such example", failure.getMessage());
    }
  }

  @Test
  void savesNothingWhereItIsAhead() {
    try (var course = course(this::counted)) {
      course.train(0, List.of());

      assertThrows(IllegalStateException.class, () -> course.save(1));
    }
  }

  @Test
  void waitsWithClosingForTheStepThatIsTrained() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var course =
        course(
            step -> {
              if (step == 1) {
                begun.countDown();
                assertTrue(within(goOn));
              }
              return counted(step);
            });
    course.train(0, List.of());
    assertNext("step 0");
    assertTrue(within(begun));
    var closing = new Thread(course::close);
    closing.start();
    goOn.countDown();
    closing.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));

    assertNext("step 1");
    assertNext("closed");
  }

  private static boolean within(CountDownLatch latch) {
    try {
      return latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void assertNext(String what) throws InterruptedException {
    assertEquals(what, happened.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
  }

  private Supplier<StepResult> counted(long step) {
    happened.add("step " + step);
    return () -> new StepResult(versions(step + 1), Map.of(), 0);
  }

  private static VersionSet versions(long step) {
    return new VersionSet(step, new PolicyVersion(0, step, "0".repeat(64)), ScoringModels.NONE);
  }

  private AheadCourse course(LongFunction<Supplier<StepResult>> steps) {
    var counting =
        new Course() {
          @Override
          public List<VersionSet> open() {
            return List.of(versions(0));
          }

          @Override
          public StepResult train(long step, List<ScoredGroup> groups) {
            throw new IllegalStateException("steps are trained by themselves here");
          }

          @Override
          public Runnable save(long stepsDone) {
            return () -> happened.add("saved " + stepsDone);
          }

          @Override
          public VersionSet conclude() {
            return versions(PLAN.steps());
          }

          @Override
          public void close() {
            happened.add("closed");
          }
        };
    return new AheadCourse(counting, steps, PLAN);
  }
}
