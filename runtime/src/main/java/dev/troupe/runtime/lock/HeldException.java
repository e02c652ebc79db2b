package dev.troupe.runtime.lock;

import java.io.IOException;

/** Another holder has the directory. */
public final class HeldException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String holder;

  HeldException(String holder) {
    super("it is in use by " + holder);
    this.holder = holder;
  }

  /** Who has it, for sentences: {@code process 17 on host}. */
  public String holder() {
    return holder;
  }
}
