package dev.troupe.actors.cluster;

import dev.troupe.actors.protocol.RunException;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;

/**
 * The media driver of a node: one for its messages and its weights. It runs in the node's own
 * process, and so it lives as long as the node does.
 */
public final class ClusterDriver implements AutoCloseable {
  private static final long MAX_SPINS = 10;
  private static final long MAX_YIELDS = 20;
  private static final long MIN_PARK_NANOS = 1_000;

  /** Costs 4% of a core when idle; a park of 10 us costs 25% and is no faster. */
  private static final long MAX_PARK_NANOS = 1_000_000;

  private static final long CLIENT_LIVENESS_SECONDS = 20;

  /** Must be longer than the liveness of clients. */
  private static final long UNBLOCK_SECONDS = 40;

  private static final long IMAGE_LIVENESS_SECONDS = 10;
  private static final long DRIVER_TIMEOUT_MS = 20_000;

  /** Eight times the largest message of Artery, which must fit into an eighth of a term. */
  private static final int TERM_BYTES = 64 << 20;

  private final Path directory;
  private final MediaDriver driver;

  /** Launches it in a directory of its own. */
  public ClusterDriver() {
    try {
      Path memory = Path.of("/dev/shm");
      this.directory =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "troupe-aeron-")
              : Files.createTempDirectory("troupe-aeron-");
    } catch (IOException e) {
      throw new RunException("No directory for the media driver can be made: " + e, e);
    }
    this.driver =
        MediaDriver.launch(
            new MediaDriver.Context()
                .aeronDirectoryName(directory.toString())
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(
                    new BackoffIdleStrategy(MAX_SPINS, MAX_YIELDS, MIN_PARK_NANOS, MAX_PARK_NANOS))
                .clientLivenessTimeoutNs(TimeUnit.SECONDS.toNanos(CLIENT_LIVENESS_SECONDS))
                .publicationUnblockTimeoutNs(TimeUnit.SECONDS.toNanos(UNBLOCK_SECONDS))
                .imageLivenessTimeoutNs(TimeUnit.SECONDS.toNanos(IMAGE_LIVENESS_SECONDS))
                .driverTimeoutMs(DRIVER_TIMEOUT_MS)
                .publicationTermBufferLength(TERM_BYTES)
                .termBufferSparseFile(true)
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true));
  }

  /** Where it is. */
  public Path directory() {
    return directory;
  }

  @Override
  public void close() {
    driver.close();
  }
}
