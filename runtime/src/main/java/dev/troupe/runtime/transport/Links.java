package dev.troupe.runtime.transport;

import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.CloseHelper;
import org.agrona.concurrent.AgentInvoker;

/**
 * The streams of a node: its inbox over UDP and over its own media driver's shared memory, and
 * publications to the inboxes of others. Used by the data plane's thread alone, which also does the
 * clients' housekeeping.
 */
final class Links implements AutoCloseable {
  /** Stream of every inbox over UDP. */
  static final int INBOX = 1001;

  private static final long NEIGHBOUR_TIMEOUT_MS = 5_000;

  /** The own driver lives as long as the process, and the clock that tells its age may jump. */
  private static final long NEVER_MS = TimeUnit.DAYS.toMillis(3650);
  private static final long ALIVE_TIMEOUT_MS = 1_000;

  /** More than the datagrams of a window on loopback; the driver sends one of a stream a turn. */
  private static final int LAST_TURNS = 64;

  private final PlaneSettings settings;
  private final int windowBytes;
  private final AgentInvoker driver;
  private final Aeron own;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Map<String, Neighbour> neighbours = new HashMap<>();
  private final List<Subscription> inboxes = new ArrayList<>();
  private int port;

  /** A client on the media driver of another node of this host. */
  private static final class Neighbour {
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    Aeron aeron;

    boolean isAlive() {
      return failure.get() == null && !aeron.isClosed();
    }
  }

  /**
   * @param driver does the work of the own media driver; null if another one does
   */
  Links(PlaneSettings settings, AgentInvoker driver) {
    this.settings = settings;
    this.driver = driver;
    this.windowBytes = SocketBuffers.fit(settings.windowBytes());
    this.own = connect(settings.aeronDirectory().toString(), failure, NEVER_MS);
    try {
      openInboxes();
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  private Aeron connect(
      String directory, AtomicReference<Throwable> failure, long driverTimeoutMs) {
    var context =
        new Aeron.Context()
            .aeronDirectoryName(directory)
            .useConductorAgentInvoker(true)
            // While an answer is waited for, the own driver goes on, or two nodes would wait for ever.
            .driverAgentInvoker(driver)
            .errorHandler(error -> failure.compareAndSet(null, error))
            .subscriberErrorHandler(error -> failure.compareAndSet(null, error));
    context.driverTimeoutMs(driverTimeoutMs);
    return Aeron.connect(context);
  }

  private void openInboxes() {
    String channel = udp().endpoint(settings.host() + ":" + settings.port()).build();
    Subscription udp;
    try {
      udp = own.addSubscription(channel, INBOX);
    } catch (RuntimeException e) {
      throw refusal(e);
    }
    port = resolvedPort(udp);
    inboxes.add(udp);
    // Data planes that share a driver have ports of their own, so the port tells them apart.
    inboxes.add(own.addSubscription(CommonContext.IPC_CHANNEL, port));
  }

  private int resolvedPort(Subscription subscription) {
    long deadline = System.nanoTime() + settings.greeting().toNanos();
    while (System.nanoTime() - deadline < 0 && failure.get() == null) {
      drive();
      own.conductorAgentInvoker().invoke();
      String endpoint = subscription.resolvedEndpoint();
      if (endpoint != null) {
        return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
      }
      Thread.onSpinWait();
    }
    throw refusal(failure.get());
  }

  private TransportException refusal(Throwable cause) {
    String text = String.valueOf(cause);
    String advice =
        text.contains("in use")
            ? "the port is in use; choose another one or stop the process that has it"
            : "it cannot be listened on; give an address of this machine and a free port";
    return new TransportException(
        "data plane %s:%d: %s (%s)".formatted(settings.host(), settings.port(), advice, text),
        cause);
  }

  /** The UDP port that is listened on. */
  int port() {
    return port;
  }

  List<Subscription> inboxes() {
    return inboxes;
  }

  private ChannelUriStringBuilder udp() {
    return new ChannelUriStringBuilder()
        .media(CommonContext.UDP_MEDIA)
        .socketRcvbufLength(windowBytes)
        .receiverWindowLength(windowBytes);
  }

  private ChannelUriStringBuilder sending() {
    return new ChannelUriStringBuilder()
        .media(CommonContext.UDP_MEDIA)
        .mtu(settings.mtuBytes())
        .termLength(settings.termBytes())
        .socketSndbufLength(windowBytes)
        .socketRcvbufLength(windowBytes);
  }

  private ChannelUriStringBuilder local() {
    return new ChannelUriStringBuilder()
        .media(CommonContext.IPC_MEDIA)
        .mtu(PlaneSettings.LOCAL_MTU)
        .termLength(PlaneSettings.LOCAL_TERM);
  }

  /** A publication to an inbox over UDP. */
  ExclusivePublication toRemote(Place place) {
    return own.addExclusivePublication(sending().endpoint(place.toString()).build(), INBOX);
  }

  /** A publication to the inbox of a node on this host; fails if its media driver is gone. */
  ExclusivePublication toNeighbour(Place place) {
    return neighbour(place).addExclusivePublication(local().build(), place.port());
  }

  /** A subscription to what a node on this host casts to its neighbours. */
  Subscription castOf(Place place, int stream) {
    return neighbour(place).addSubscription(CommonContext.IPC_CHANNEL + "?tether=false", stream);
  }

  /** A publication to which destinations are added; a receiver that dies holds it up 1 s. */
  ExclusivePublication toMany() {
    return own.addExclusivePublication(
        sending()
            .controlMode(CommonContext.MDC_CONTROL_MODE_MANUAL)
            .flowControl("min,t:1s")
            .build(),
        INBOX);
  }

  /** A publication that all neighbours can subscribe to. */
  ExclusivePublication toNeighbours(int stream) {
    return own.addExclusivePublication(local().build(), stream);
  }

  /** How many receivers a publication with destinations has. */
  long receivers(ExclusivePublication publication) {
    var counters = own.countersReader();
    int counter =
        counters.findByTypeIdAndRegistrationId(
            io.aeron.AeronCounters.FLOW_CONTROL_RECEIVERS_COUNTER_TYPE_ID,
            publication.registrationId());
    return counter < 0 ? 0 : counters.getCounterValue(counter);
  }

  private Aeron neighbour(Place place) {
    Neighbour known = neighbours.get(place.aeronDirectory());
    if (known != null && known.isAlive()) {
      return known.aeron;
    }
    if (place.aeronDirectory().equals(settings.aeronDirectory().toString())) {
      return own;
    }
    if (!CommonContext.isDriverActive(
        new File(place.aeronDirectory()), ALIVE_TIMEOUT_MS, line -> {})) {
      throw new TransportException("the media driver in " + place.aeronDirectory() + " is gone");
    }
    var fresh = new Neighbour();
    fresh.aeron = connect(place.aeronDirectory(), fresh.failure, NEIGHBOUR_TIMEOUT_MS);
    Neighbour former = neighbours.put(place.aeronDirectory(), fresh);
    if (former != null) {
      CloseHelper.quietClose(former.aeron);
    }
    return fresh.aeron;
  }

  private int drive() {
    return driver == null ? 0 : driver.invoke();
  }

  /** The media driver's work and the clients' housekeeping. */
  int invoke() {
    int work = drive() + own.conductorAgentInvoker().invoke();
    for (var entry : List.copyOf(neighbours.entrySet())) {
      if (entry.getValue().isAlive()) {
        work += entry.getValue().aeron.conductorAgentInvoker().invoke();
      } else {
        CloseHelper.quietClose(entry.getValue().aeron);
        neighbours.remove(entry.getKey());
      }
    }
    return work;
  }

  /** Why the own media driver can no longer be used; null while it can. */
  String ending() {
    Throwable error = failure.get();
    if (own.isClosed() || error instanceof io.aeron.exceptions.DriverTimeoutException) {
      return "the media driver in %s is gone (%s); restart this node"
          .formatted(settings.aeronDirectory(), error);
    }
    return null;
  }

  @Override
  public void close() {
    int turns = 0;
    while (turns < LAST_TURNS && drive() > 0) {
      turns++; // What was written last, such as a goodbye, still has to go.
    }
    neighbours.values().forEach(neighbour -> CloseHelper.quietClose(neighbour.aeron));
    neighbours.clear();
    CloseHelper.quietClose(own);
  }
}
