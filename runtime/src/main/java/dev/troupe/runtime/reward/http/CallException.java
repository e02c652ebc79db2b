package dev.troupe.runtime.reward.http;

import java.io.IOException;

/** A server gave no usable answer; the message says to a person what happened. */
final class CallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean mayPass;

  /**
   * @param mayPass whether trying again may help
   */
  CallException(String message, boolean mayPass) {
    super(message);
    this.mayPass = mayPass;
  }

  boolean mayPass() {
    return mayPass;
  }
}
