package dev.troupe.runtime.model;

/** A device that is named wrongly or is not there; the message is a sentence for people. */
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what was asked for, what there is, and what to do. */
  public DeviceException(String message) {
    super(message);
  }
}
