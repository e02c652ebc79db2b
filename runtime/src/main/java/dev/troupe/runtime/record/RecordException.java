package dev.troupe.runtime.record;

/** A record of the run cannot be written or read; the message is one sentence for the operator. */
public final class RecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param sentence what failed, where, and what to do
   * @param cause the underlying failure, or null
   */
  public RecordException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
