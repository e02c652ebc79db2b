package dev.troupe.actors.protocol;

/** Another process holds what this one needs; trying again helps once that one has ended. */
public final class InUseException extends RunException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a complete sentence and what led to it. */
  public InUseException(String message, Throwable cause) {
    super(message, cause);
  }
}
