package dev.troupe.actors.protocol;

import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.data.DataException;
import dev.troupe.runtime.disk.DiskFullException;
import dev.troupe.runtime.ledger.LedgerException;
import dev.troupe.runtime.model.DeviceException;
import dev.troupe.runtime.record.RecordException;
import dev.troupe.runtime.settings.SettingsException;
import dev.troupe.runtime.tokenizer.TokenizerException;
import dev.troupe.runtime.transport.TransportException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** How exceptions are told to people and to the supervisor. */
public final class Failure {
  private Failure() {}

  /** The exception that work on another thread ended with, without the wrapping of futures. */
  public static Throwable unwrapped(Throwable thrown) {
    Throwable inner = thrown;
    while ((inner instanceof CompletionException || inner instanceof ExecutionException)
        && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  /**
   * Whether the message was written for the person who started the run: it is complete without a
   * stack trace, and trying again would not help.
   */
  public static boolean isForPeople(Throwable thrown) {
    return thrown instanceof RunException
        || thrown instanceof CheckpointException
        || thrown instanceof SettingsException
        || thrown instanceof DataException
        || thrown instanceof TokenizerException
        || thrown instanceof DeviceException
        || thrown instanceof TransportException
        || thrown instanceof LedgerException
        || thrown instanceof DiskFullException
        || thrown instanceof RecordException;
  }

  /**
   * Whether an exception that keeps a command from starting is about what it was given: settings,
   * model, tokenizer, data, device or directory. What happens later ends in an outcome instead.
   */
  public static boolean isUsage(Throwable thrown) {
    return isForPeople(thrown) && !(thrown instanceof RecordException);
  }

  /** One sentence about an exception. */
  public static String sentence(Throwable thrown) {
    String message = thrown.getMessage();
    if (message == null || message.isBlank()) {
      return thrown.getClass().getSimpleName();
    }
    return isForPeople(thrown) ? message : thrown.getClass().getSimpleName() + ": " + message;
  }
}
