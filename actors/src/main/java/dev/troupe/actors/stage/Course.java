package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.VersionSet;
import java.util.List;

/**
 * What the learner does in one stage. Everything is called off the actor's thread, one call at a
 * time, possibly by different threads.
 */
public interface Course extends AutoCloseable {

  /**
   * Takes the stage up where its latest checkpoint left it, or at its beginning, and publishes the
   * versions that tickets can be bound to.
   *
   * @return the versions in force, oldest first; the step of the last one is the number of steps
   *     done
   */
  List<VersionSet> open();

  /**
   * Trains one step and publishes what came of it.
   *
   * @param step number of the step, from 0; one more than the step before
   * @param groups what is trained on, in the order of the tickets; empty when the course reads data
   *     itself
   */
  StepResult train(long step, List<ScoredGroup> groups);

  /** What the last step made of its completions; empty where the stage does not tell. */
  default List<Credit> credits() {
    return List.of();
  }

  /**
   * Takes what a checkpoint holds, from which {@link #open} can go on, into host memory.
   *
   * @param stepsDone steps trained so far
   * @return writes the checkpoint; when it returns the checkpoint is durable. By any thread, while
   *     this course trains on, but before another checkpoint is written, or this is concluded or
   *     opened
   */
  Runnable save(long stepsDone);

  /**
   * Gives the lead what it needs for a checkpoint, if several learners train the stage; called on
   * all but the lead.
   *
   * @param stepsDone steps trained so far
   */
  default void assist(long stepsDone) {}

  /**
   * Ends the waits for other learners, those of now and later ones; called by any thread.
   *
   * @param reason a sentence for people
   */
  default void abandon(String reason) {}

  /**
   * Publishes the weights that the stage ends with.
   *
   * @return the versions in force
   */
  VersionSet conclude();

  /** Releases native memory and withdraws what was published. */
  @Override
  void close();
}
