package dev.troupe.runtime.remote;

/**
 * A server did not do what it was asked for. Trying again may help: the work is given to somebody
 * else or to the same server later, within the limits of the run.
 */
public final class RemoteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean isLasting;

  RemoteException(String message, boolean isLasting, Throwable cause) {
    super(message, cause);
    this.isLasting = isLasting;
  }

  /** Whether trying again cannot help, because the server and the recipe do not fit together. */
  public boolean isLasting() {
    return isLasting;
  }
}
