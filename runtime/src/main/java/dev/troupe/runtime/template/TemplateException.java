package dev.troupe.runtime.template;

/**
 * A template that cannot be read or that refuses what it was given; the message is one sentence.
 */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong and where
   */
  public TemplateException(String message) {
    super(message);
  }
}
