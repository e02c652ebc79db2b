package dev.troupe.runtime.tokenizer;

/** A tokenizer that cannot be read, written or applied to a text; the message is one sentence. */
public final class TokenizerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong, where, and what to do about it
   */
  public TokenizerException(String message) {
    super(message);
  }

  /**
   * @param message what is wrong, where, and what to do about it
   * @param cause the failure underneath
   */
  public TokenizerException(String message, Throwable cause) {
    super(message, cause);
  }
}
