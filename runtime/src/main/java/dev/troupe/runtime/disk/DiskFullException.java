package dev.troupe.runtime.disk;

/** There is too little room to write something; the message is a sentence for people. */
public final class DiskFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DiskFullException(String message) {
    super(message);
  }
}
