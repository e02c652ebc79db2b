package dev.troupe.runtime.ledger;

/** The ledger cannot be read or written; the message is a sentence for people. */
public final class LedgerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LedgerException(String message, Throwable cause) {
    super(message, cause);
  }

  LedgerException(String message) {
    super(message);
  }
}
