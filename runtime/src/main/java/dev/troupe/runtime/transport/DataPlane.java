package dev.troupe.runtime.transport;

import io.aeron.logbuffer.FragmentHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.agrona.CloseHelper;
import org.agrona.concurrent.AgentRunner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's part in the exchange of bulk data: it offers parcels, fetches those of others, casts to
 * all that follow it and receives the casts of those that it follows. One for each node; safe for
 * use by several threads. It has one thread of its own, which sends, receives, checks and, where it
 * launched the media driver, does that one's work too.
 *
 * <p>Peers must prove a shared secret before they get or are believed anything. That keeps
 * strangers out who can reach the port; it does not keep out who can read or change what is on the
 * network, since nothing is encrypted. Such a one sees the weights. What it changes is noticed by
 * the digest of the whole. Run it in a trusted network or through an encrypted overlay.
 */
public final class DataPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);
  private static final Duration ORDER = Duration.ofSeconds(10);
  private static final int CLOSE_MS = 10_000;

  private final PlaneSettings settings;
  private final SharedDriver driver;
  private final Place place;
  private final Tally tally = new Tally();
  private final PlaneAgent agent;
  private final AgentRunner runner;

  /**
   * Launches or joins the media driver and listens.
   *
   * @throws TransportException if the port is in use, the address is not of this machine, or the
   *     directory cannot be used; the sentence says which
   */
  public DataPlane(PlaneSettings settings) {
    this(settings, UnaryOperator.identity());
  }

  /**
   * @param tap stands between the inboxes and those who read them
   */
  DataPlane(PlaneSettings settings, UnaryOperator<FragmentHandler> tap) {
    this.settings = settings;
    this.driver = new SharedDriver(settings.aeronDirectory());
    Links links = null;
    try {
      links = new Links(settings, driver.invoker());
      place =
          new Place(
              settings.host(), links.port(), settings.aeronDirectory().toString(), driver.mark());
      agent = new PlaneAgent(settings, links, place, tally, tap);
    } catch (RuntimeException e) {
      CloseHelper.quietCloseAll(links, driver);
      throw e;
    }
    runner =
        new AgentRunner(
            SharedDriver.idleStrategy(),
            error -> LOG.error("data plane {}: {}", place, error.getMessage(), error),
            null,
            agent);
    AgentRunner.startOnThread(
        runner,
        work -> {
          var thread = new Thread(work, "data-plane-" + place.port());
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Where others reach this node. */
  public Place place() {
    return place;
  }

  /** The directory of the media driver, for others in this process to share. */
  public Path aeronDirectory() {
    return settings.aeronDirectory();
  }

  /** How often something happened since the start. */
  public long count(PlaneCount count) {
    return tally.get(count);
  }

  /**
   * Offers a parcel to everyone who proves the secret. A parcel that is offered already stays, and
   * the second one is released.
   */
  public void offer(Parcel parcel) {
    order(
        () -> {
          if (agent.ending() != null || !agent.serving().offer(parcel, agent.nowNs())) {
            parcel.release().run();
          }
          return null;
        });
  }

  /**
   * Ends an offer, and a cast of it; its memory is released before this returns. Closing the data
   * plane has done so for all of them.
   */
  public void withdraw(ParcelId id) {
    withdraw(List.of(id));
  }

  /** Ends several offers. */
  void withdraw(Collection<ParcelId> ids) {
    if (ids.isEmpty() || runner.isClosed()) {
      return;
    }
    order(
        () -> {
          for (ParcelId id : ids) {
            agent.casting().withdraw(id);
            agent.serving().withdraw(id);
          }
          return null;
        });
  }

  /**
   * Fetches a parcel, whole and proved; blocks.
   *
   * @param holders who is said to hold it, in the order in which they are asked; when one refuses,
   *     falls silent or sends rubbish, the next one is asked for what is missing
   * @param within the longest wait
   * @param proof how the digest in the name is made
   * @return belongs to the caller
   * @throws TransportException if it did not come in time, nobody holds it, or what came has
   *     another digest, with a sentence that says what happened at each holder
   */
  public Landed fetch(ParcelId id, List<Place> holders, Duration within, Proof proof) {
    long deadlineNs = System.nanoTime() + within.toNanos();
    Landed landed = await(id, holders, within);
    String digest = proof.digest(landed.bytes());
    if (digest.equals(id.digest())) {
      return landed;
    }
    landed.close();
    tally.add(PlaneCount.UNPROVED);
    throw new TransportException(
        "%s came whole from one of %s but has the digest %s, so it is not used; %s"
            .formatted(
                id,
                holders,
                digest,
                deadlineNs - System.nanoTime() > 0
                    ? "one of them holds something else under this name"
                    : "no time is left to ask again"));
  }

  private Landed await(ParcelId id, List<Place> holders, Duration within) {
    if (holders.isEmpty()) {
      throw new TransportException(
          id + " cannot be fetched: no node is known to hold it; wait for one to say so");
    }
    var claim = new CompletableFuture<Landed>();
    order(
        () -> {
          if (agent.ending() == null) {
            agent.landings().fetch(id, holders, within, claim, agent.nowNs());
          } else {
            claim.completeExceptionally(
                new TransportException(id + " did not arrive: " + agent.ending()));
          }
          return null;
        });
    return get(claim, within.plus(ORDER), id + " did not arrive");
  }

  /**
   * Sends an offered parcel to all followers at once. The result says who has it; it always comes,
   * at the latest when the slowest one was given up.
   *
   * @throws TransportException if the parcel is not offered
   */
  public CompletableFuture<CastReport> cast(ParcelId id) {
    var report = new CompletableFuture<CastReport>();
    Boolean isOffered =
        order(
            () -> {
              Parcel parcel = agent.serving().find(id);
              if (parcel != null) {
                agent.casting().cast(agent.casting().of(parcel, report));
              }
              return parcel != null;
            });
    if (!isOffered) {
      throw new TransportException(id + " is not offered, so it cannot be cast; offer it first");
    }
    return report;
  }

  /** Receives the casts of a node from now on; what they bring is there when it is fetched. */
  public void follow(Place leader) {
    order(
        () -> {
          agent.following().follow(leader, agent.nowNs());
          return null;
        });
  }

  /** Receives no more casts of a node. */
  public void unfollow(Place leader) {
    if (runner.isClosed()) {
      return;
    }
    order(
        () -> {
          agent.following().unfollow(leader);
          return null;
        });
  }

  /** How many nodes receive the casts of this one. */
  public int followers() {
    return order(() -> agent.casting().followers());
  }

  /** Has something done on the agent's thread and waits for it. */
  <T> T order(Supplier<T> work) {
    if (runner.isClosed()) {
      throw new TransportException("data plane " + place + " is closed");
    }
    var done = new CompletableFuture<T>();
    agent.order(
        () -> {
          try {
            done.complete(work.get());
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return get(done, ORDER, "data plane " + place + " does not answer");
  }

  private static <T> T get(CompletableFuture<T> future, Duration within, String failure) {
    try {
      return future.get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TransportException known) {
        throw new TransportException(known.getMessage(), known);
      }
      throw new TransportException(failure + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      future.cancel(false);
      throw new TransportException(
          "%s within %d ms; its thread is stuck or starved, look at its log"
              .formatted(failure, within.toMillis()),
          e);
    } catch (InterruptedException e) {
      future.cancel(false);
      Thread.currentThread().interrupt();
      throw new TransportException(failure + ": the wait was interrupted", e);
    }
  }

  /** Says goodbye, releases what was offered, and ends the media driver if it was launched here. */
  @Override
  public void close() {
    runner.close(
        CLOSE_MS, thread -> LOG.warn("data plane {} does not end; its thread is stuck", place));
    driver.close();
  }
}
