package dev.troupe.actors.node;

import dev.troupe.actors.protocol.RunException;

/**
 * A node that took part has lost touch with the run. It may start anew and join again; the message
 * is one sentence for people.
 */
public final class OutOfTouchException extends RunException {
  private static final long serialVersionUID = 1L;

  OutOfTouchException(String message) {
    super(message);
  }
}
