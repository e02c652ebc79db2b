package dev.troupe.runtime.checkpoint;

/**
 * A checkpoint that cannot be read or written; the message names the place, the finding and the
 * expectation.
 */
public class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a complete sentence. */
  public CheckpointException(String message) {
    super(message);
  }

  /** Creates the exception with a complete sentence and what led to it. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
