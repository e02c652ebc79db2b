package dev.troupe.actors.stage;

import java.nio.file.Path;

/**
 * Something besides the policy that a method carries from step to step, such as a critic. It lives
 * as long as the course is open, and every checkpoint that can be resumed from holds it.
 */
interface Memory extends AutoCloseable {

  /** Begins as the stage begins, before anything is read. */
  default void open() {}

  /** Writes files of its own into the directory of a checkpoint. */
  void write(Path directory);

  /** Gives the learner that writes such files what this one alone has of them. */
  default void assist() {}

  /** Goes on from such files as if nothing had happened. */
  void read(Path directory);

  /** Releases native memory, if it has any. */
  @Override
  default void close() {}
}
