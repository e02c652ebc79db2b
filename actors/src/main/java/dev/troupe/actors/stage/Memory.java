package dev.troupe.actors.stage;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Something besides the policy that a method carries from step to step, such as a critic. It lives
 * as long as the course is open, and every checkpoint that can be resumed from holds it.
 */
interface Memory extends AutoCloseable {

  /** Begins as the stage begins, before anything is read. */
  default void open() {}

  /**
   * What it is now, in host memory.
   *
   * @return writes it as files of its own into the directory of a checkpoint, by any thread and
   *     later, whatever becomes of this object meanwhile
   */
  Consumer<Path> snapshot();

  /** Gives the learner that writes such files what this one alone has of them. */
  default void assist() {}

  /** Goes on from such files as if nothing had happened. */
  void read(Path directory);

  /** Releases native memory, if it has any. */
  @Override
  default void close() {}
}
