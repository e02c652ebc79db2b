package dev.troupe.runtime.http;

import java.io.IOException;

/** A server gave no usable answer; the message says to a person what happened. */
public final class CallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean mayPass;

  /**
   * @param mayPass whether trying again may help
   */
  public CallException(String message, boolean mayPass) {
    super(message);
    this.mayPass = mayPass;
  }

  /** Whether trying again may help. */
  public boolean mayPass() {
    return mayPass;
  }
}
