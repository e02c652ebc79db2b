package dev.troupe.actors.protocol;

/**
 * The run cannot go on and trying again would not help; the message is one sentence for people:
 * what, where, what is allowed, what to do.
 */
public class RunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a complete sentence. */
  public RunException(String message) {
    super(message);
  }

  /** Creates the exception with a complete sentence and what led to it. */
  public RunException(String message, Throwable cause) {
    super(message, cause);
  }
}
