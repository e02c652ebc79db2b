package dev.troupe.runtime.transport;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ext.DebugReceiveChannelEndpoint;
import io.aeron.driver.ext.DebugSendChannelEndpoint;
import io.aeron.driver.ext.LossGenerator;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Cuts a node off from all others as long as a file exists: its media driver then neither sends nor
 * takes in a datagram. For {@code troupe chaos}, which parts processes that way without being root;
 * a node that was not started with the property {@value #PROPERTY} knows nothing of it.
 */
final class CutOff implements LossGenerator {
  /** System property that names the file. */
  static final String PROPERTY = "troupe.chaos.cut";

  private static final long GLANCE_NS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Path file;
  private long lookedNs = System.nanoTime() - GLANCE_NS;
  private boolean isCut;

  CutOff(Path file) {
    this.file = file;
  }

  /** Whether this process may be cut off. */
  static boolean isPossible() {
    return System.getProperty(PROPERTY) != null;
  }

  /** Has the driver ask, if the process was started so. */
  static MediaDriver.Context into(MediaDriver.Context context) {
    if (!isPossible()) {
      return context;
    }
    var cut = new CutOff(Path.of(System.getProperty(PROPERTY)));
    return context
        .sendChannelEndpointSupplier(
            (channel, counter, driver) ->
                new DebugSendChannelEndpoint(channel, counter, driver, cut, cut))
        .receiveChannelEndpointSupplier(
            (channel, dispatcher, counter, driver) ->
                new DebugReceiveChannelEndpoint(channel, dispatcher, counter, driver, cut, cut));
  }

  /** Asked by the one thread of the driver. */
  @Override
  public boolean shouldDropFrame(InetSocketAddress address, UnsafeBuffer buffer, int length) {
    long now = System.nanoTime();
    if (now - lookedNs >= GLANCE_NS) {
      lookedNs = now;
      isCut = Files.exists(file);
    }
    return isCut;
  }

  @Override
  public boolean shouldDropFrame(
      InetSocketAddress address,
      UnsafeBuffer buffer,
      int streamId,
      int sessionId,
      int termId,
      int termOffset,
      int length) {
    return shouldDropFrame(address, buffer, length);
  }
}
