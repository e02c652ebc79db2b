package dev.troupe.runtime.transport;

/** Bulk data did not get through; the message says what, from where and what to do. */
public final class TransportException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a sentence for people. */
  public TransportException(String message) {
    super(message);
  }

  /** With a sentence for people and what led to it. */
  public TransportException(String message, Throwable cause) {
    super(message, cause);
  }
}
