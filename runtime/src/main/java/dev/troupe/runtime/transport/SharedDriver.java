package dev.troupe.runtime.transport;

import io.aeron.CommonContext;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * The media driver of a node, which Akka's remoting uses too: launched in this process unless one
 * is alive in the directory. A launched one has no thread: whoever launched it does its work, so that
 * what is sent and received passes through one core's cache.
 */
final class SharedDriver implements AutoCloseable {
  private static final long ALIVE_TIMEOUT_MS = 1_000;
  private static final long LIVENESS_S = 20;

  /** Of streams that say nothing themselves, as Akka's: its largest message is an eighth of it. */
  private static final int USUAL_TERM_BYTES = 32 << 20;

  private final MediaDriver launched;
  private final long mark;

  SharedDriver(Path directory) {
    boolean isAlive =
        CommonContext.isDriverActive(directory.toFile(), ALIVE_TIMEOUT_MS, line -> {});
    launched = isAlive ? null : launch(directory);
    try {
      mark = mark(directory, !isAlive);
    } catch (IOException e) {
      CloseHelper.quietClose(launched);
      throw new TransportException(
          "the media driver's directory %s cannot be used (%s); give one that this user may write"
              .formatted(directory, e),
          e);
    }
  }

  /** Waits in steps up to a millisecond: 4% of a core when idle, and no slower when busy. */
  static IdleStrategy idleStrategy() {
    return new BackoffIdleStrategy(10, 20, 1_000, 1_000_000);
  }

  private static MediaDriver launch(Path directory) {
    try {
      return MediaDriver.launch(
          CutOff.into(new MediaDriver.Context())
              .aeronDirectoryName(directory.toString())
              .threadingMode(ThreadingMode.INVOKER)
              .epochClock(new CautiousClock())
              .clientLivenessTimeoutNs(TimeUnit.SECONDS.toNanos(LIVENESS_S))
              .publicationUnblockTimeoutNs(TimeUnit.SECONDS.toNanos(2 * LIVENESS_S))
              .imageLivenessTimeoutNs(TimeUnit.SECONDS.toNanos(LIVENESS_S / 2))
              .publicationTermBufferLength(USUAL_TERM_BYTES)
              .timerIntervalNs(TimeUnit.MILLISECONDS.toNanos(250))
              .untetheredWindowLimitTimeoutNs(TimeUnit.MILLISECONDS.toNanos(500))
              .driverTimeoutMs(TimeUnit.SECONDS.toMillis(LIVENESS_S))
              .warnIfDirectoryExists(false)
              .dirDeleteOnStart(true)
              .dirDeleteOnShutdown(true));
    } catch (RuntimeException e) {
      throw new TransportException(
          "no media driver can be launched in %s (%s); give a directory that this user may write,"
                  .formatted(directory, e.getMessage())
              + " with some 100 MiB free",
          e);
    }
  }

  /** The first data plane in a directory marks it, also where another part of the node launched. */
  private static long mark(Path directory, boolean isLaunchedHere) throws IOException {
    if (isLaunchedHere && Files.getFileStore(directory).supportsFileAttributeView("posix")) {
      // Whoever may read the directory may read the weights in it.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
    Path file = Place.markIn(directory);
    long mark = new SecureRandom().nextLong();
    try {
      Files.writeString(file, Long.toHexString(mark), StandardOpenOption.CREATE_NEW);
      return mark;
    } catch (FileAlreadyExistsException e) {
      return Long.parseUnsignedLong(Files.readString(file).strip(), 16);
    }
  }

  /** Does the driver's work, on one thread at a time; null if another one launched it. */
  AgentInvoker invoker() {
    return launched == null ? null : launched.sharedAgentInvoker();
  }

  /** By which neighbours recognise the directory. */
  long mark() {
    return mark;
  }

  /** Ends the driver if it was launched here. */
  @Override
  public void close() {
    CloseHelper.quietClose(launched);
  }
}
