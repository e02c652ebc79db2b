package dev.troupe.benchmarks;

import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * One direction of a plain Aeron stream, on the media driver of a data plane and with its sizes:
 * one copies in, the other copies out, nothing is checked. What it lacks to a plain copy is Aeron's
 * own cost.
 */
final class BareStream implements AutoCloseable {
  private static final int STREAM = 7;
  private static final int MTU = 65504;
  private static final int WINDOW = 1 << 19;
  private static final int TERM = 1 << 20;
  private static final int LOCAL_TERM = 8 << 20;
  private static final int FRAGMENTS = 16;
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);

  private final Aeron aeron;
  private final IdleStrategy idle = new BackoffIdleStrategy(10, 20, 1_000, 1_000_000);
  private final BufferClaim claim = new BufferClaim();
  private ExclusivePublication publication;
  private Subscription subscription;

  private BareStream(Path driver) {
    aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.toString()));
  }

  private static ChannelUriStringBuilder udp() {
    return new ChannelUriStringBuilder()
        .media(CommonContext.UDP_MEDIA)
        .socketRcvbufLength(WINDOW)
        .receiverWindowLength(WINDOW);
  }

  /** Receives what is sent to an address over UDP. */
  static BareStream at(Path driver, String host) {
    var stream = new BareStream(driver);
    stream.subscription =
        stream.aeron.addSubscription(udp().endpoint(host + ":0").build(), STREAM);
    return stream;
  }

  /** Receives what is sent through the shared memory of a driver. */
  static BareStream in(Path driver) {
    var stream = new BareStream(driver);
    stream.subscription = stream.aeron.addSubscription(CommonContext.IPC_CHANNEL, STREAM);
    return stream;
  }

  /** Sends over UDP, to each of these ports, one on each of the addresses after 127.0.0.1. */
  static BareStream to(Path driver, List<Integer> ports) {
    var stream = new BareStream(driver);
    var channel =
        new ChannelUriStringBuilder()
            .media(CommonContext.UDP_MEDIA)
            .mtu(MTU)
            .termLength(TERM)
            .socketSndbufLength(WINDOW)
            .socketRcvbufLength(WINDOW)
            .controlMode(CommonContext.MDC_CONTROL_MODE_MANUAL)
            .flowControl("min,g:/" + ports.size());
    stream.publication = stream.aeron.addExclusivePublication(channel.build(), STREAM);
    for (int i = 0; i < ports.size(); i++) {
      stream.publication.addDestination(
          "aeron:udp?endpoint=" + TransportBench.host(i) + ":" + ports.get(i));
    }
    return stream;
  }

  /** Sends through the shared memory of a driver. */
  static BareStream into(Path driver) {
    var stream = new BareStream(driver);
    stream.publication =
        stream.aeron.addExclusivePublication(
            new ChannelUriStringBuilder()
                .media(CommonContext.IPC_MEDIA)
                .mtu(MTU)
                .termLength(LOCAL_TERM)
                .build(),
            STREAM);
    return stream;
  }

  /** The UDP port at which it receives. */
  int port() {
    long deadline = System.nanoTime() + PATIENCE_NS;
    String endpoint;
    while ((endpoint = subscription.resolvedEndpoint()) == null) {
      await(deadline);
    }
    return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
  }

  void send(ByteBuffer source) {
    long deadline = System.nanoTime() + PATIENCE_NS;
    int longest = publication.maxPayloadLength() / 64 * 64;
    int at = 0;
    while (at < source.capacity()) {
      int length = Math.min(longest, source.capacity() - at);
      if (publication.tryClaim(length, claim) < 0) {
        await(deadline);
        continue;
      }
      claim.buffer().putBytes(claim.offset(), source, at, length);
      claim.commit();
      at += length;
      idle.reset();
    }
  }

  /** Waits until so many bytes came, and lays them one behind the other. */
  void receive(ByteBuffer target) {
    long deadline = System.nanoTime() + PATIENCE_NS;
    int[] at = {0};
    FragmentHandler copy =
        (buffer, offset, length, header) -> {
          buffer.getBytes(offset, target, at[0], length);
          at[0] += length;
        };
    while (at[0] < target.capacity()) {
      if (subscription.poll(copy, FRAGMENTS) == 0) {
        await(deadline);
      } else {
        idle.reset();
      }
    }
  }

  private void await(long deadline) {
    if (System.nanoTime() - deadline > 0) {
      throw new IllegalStateException("a plain Aeron stream does not move");
    }
    idle.idle();
  }

  @Override
  public void close() {
    CloseHelper.quietClose(aeron);
  }
}
