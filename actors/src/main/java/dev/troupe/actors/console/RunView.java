package dev.troupe.actors.console;

import dev.troupe.actors.event.RunListener;

/** A listener that shows the run to a person or a program until it is closed. */
public interface RunView extends RunListener, AutoCloseable {
  /** Stops showing; what was shown stays. Events after this are ignored or shown, never refused. */
  @Override
  void close();
}
