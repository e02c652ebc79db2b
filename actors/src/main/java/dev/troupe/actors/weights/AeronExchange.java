package dev.troupe.actors.weights;

import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.transport.Cargo;
import dev.troupe.runtime.transport.CastReport;
import dev.troupe.runtime.transport.DataPlane;
import dev.troupe.runtime.transport.Landed;
import dev.troupe.runtime.transport.ParcelId;
import dev.troupe.runtime.transport.Place;
import dev.troupe.runtime.transport.Segments;
import dev.troupe.runtime.transport.TransportException;
import dev.troupe.runtime.transport.WeightsBundle;
import dev.troupe.runtime.transport.WeightsDelta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchange of a node of a cluster. What is published here is cast to the nodes that fetched
 * from here before, and offered to all; what is borrowed is fetched from any holder unless it is
 * here, proved by the digest of its version, and offered in turn, so that a late joiner finds many
 * holders. Runs with adapters move those alone; others can move what changed.
 */
public final class AeronExchange implements WeightsExchange {
  private static final Logger LOG = LoggerFactory.getLogger(AeronExchange.class);
  private static final Duration LONGEST_END = Duration.ofSeconds(10);

  private final DataPlane plane;
  private final Accelerator accelerator;
  private final HolderDirectory holders;
  private final Options options;
  private final InProcessExchange held = new InProcessExchange();
  private final VersionOffers offers;
  private final ExecutorService tidying = thread("troupe-weights");
  private final ExecutorService fetchingAhead = thread("troupe-weights-ahead");
  private final Map<PolicyVersion, ReentrantLock> fetching = new ConcurrentHashMap<>();
  private PolicyVersion lastPublished;
  private PolicyVersion lastFetched;
  private PolicyVersion lastAhead;
  private Place leader;
  private Traffic traffic = Traffic.NONE;

  /**
   * What may differ between clusters.
   *
   * @param patience longest wait of a borrower, from asking who holds a version until it is there
   * @param areDeltasOffered whether runs without adapters offer what changed beside the whole:
   *     fewer bytes for more processor time, which pays on networks slower than about 1 GB/s
   */
  public record Options(Duration patience, boolean areDeltasOffered) {
    /** Waits of up to a minute, no deltas. */
    public static final Options USUAL = new Options(Duration.ofMinutes(1), false);
  }

  /**
   * @param plane of this node; not closed by the exchange
   * @param accelerator where fetched weights are put
   * @param holders who holds what
   */
  public AeronExchange(
      DataPlane plane, Accelerator accelerator, HolderDirectory holders, Options options) {
    this.plane = plane;
    this.accelerator = accelerator;
    this.holders = holders;
    this.options = options;
    this.offers = new VersionOffers(plane, held);
    holders.onWithdrawn(this::onWithdrawn);
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          var thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  @Override
  public void publish(PolicyVersion version, DecoderWeights weights, WeightPrecision precision) {
    synchronized (this) {
      if (held.holds(version)) {
        weights.close();
        return;
      }
      held.publish(version, weights, precision);
      offers.add(version);
      Optional<ParcelId> delta =
          options.areDeltasOffered() ? offers.addDelta(lastPublished, version) : Optional.empty();
      lastPublished = version;
      plane
          .cast(delta.orElse(VersionOffers.id(Cargo.WEIGHTS, version)))
          .thenAccept(AeronExchange::note)
          .exceptionally(
              failure -> {
                LOG.warn("the cast of {} failed: {}", version, failure.getMessage());
                return null;
              });
    }
    holders.announce(version, true);
  }

  private static void note(CastReport report) {
    if (!report.dropped().isEmpty()) {
      LOG.info(
          "{} was cast to {}; {} were left behind and ask for it themselves",
          report.id(),
          report.delivered(),
          report.dropped());
    }
  }

  /**
   * Borrows the weights of a version, after fetching them if they are not here.
   *
   * @throws IllegalStateException if no node holds it, or it did not arrive in time and proved,
   *     with a sentence that says what happened at which holder
   */
  @Override
  public Loan borrow(PolicyVersion version) {
    synchronized (this) {
      if (held.holds(version)) {
        return held.borrow(version);
      }
    }
    long deadlineNs = System.nanoTime() + options.patience().toNanos();
    ReentrantLock turn = fetching.computeIfAbsent(version, key -> new ReentrantLock());
    try {
      if (!turn.tryLock(options.patience().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            "policy version %s is being fetched for another borrower for more than %s"
                .formatted(version, options.patience()));
      }
      try {
        return fetchUnlessHeld(version, deadlineNs);
      } finally {
        turn.unlock();
        fetching.remove(version, turn);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the wait for policy version " + version + " was ended", e);
    }
  }

  @Override
  public synchronized Optional<Loan> borrowIfHere(PolicyVersion version) {
    if (held.holds(version)) {
      return Optional.of(held.borrow(version));
    }
    // What could not be had is not asked for again and again; a borrower who waits is told why.
    if (!version.equals(lastAhead) && !fetchingAhead.isShutdown()) {
      lastAhead = version;
      fetchingAhead.execute(() -> fetchAhead(version));
    }
    return Optional.empty();
  }

  private void fetchAhead(PolicyVersion version) {
    try {
      borrow(version).close();
    } catch (IllegalStateException e) {
      LOG.debug("{} is not fetched ahead: {}", version, e.getMessage());
    }
  }

  private Loan fetchUnlessHeld(PolicyVersion version, long deadlineNs) throws InterruptedException {
    synchronized (this) {
      if (held.holds(version)) {
        return held.borrow(version);
      }
    }
    List<Place> places = places(version, deadlineNs);
    try {
      Loan loan = fetch(version, places, deadlineNs);
      holders.announce(version, false);
      return loan;
    } catch (TransportException | CheckpointException e) {
      throw new IllegalStateException(
          "policy version %s cannot be borrowed: %s".formatted(version, e.getMessage()), e);
    }
  }

  private List<Place> places(PolicyVersion version, long deadlineNs) throws InterruptedException {
    List<HolderDirectory.Holder> found = holders.holders(version, left(deadlineNs));
    if (found.isEmpty()) {
      throw new IllegalStateException(
          "policy version %s is held by no node that was heard of within %s; the learner publishes it again when it restarts"
              .formatted(version, options.patience()));
    }
    var places = new ArrayList<Place>();
    for (HolderDirectory.Holder holder : found) {
      Place place = Place.parse(holder.endpoint());
      places.add(place);
      if (holder.isPublisher()) {
        follow(place);
      }
    }
    return places;
  }

  /** The next versions of a publisher will come by themselves. */
  private synchronized void follow(Place publisher) {
    if (!publisher.equals(leader)) {
      if (leader != null) {
        plane.unfollow(leader);
      }
      plane.follow(publisher);
      leader = publisher;
    }
  }

  private static Duration left(long deadlineNs) {
    return Duration.ofNanos(Math.max(1, deadlineNs - System.nanoTime()));
  }

  private Loan fetch(PolicyVersion version, List<Place> places, long deadlineNs) {
    Optional<Loan> changed = fetchDelta(version, places, deadlineNs);
    if (changed.isPresent()) {
      return changed.get();
    }
    ParcelId id = VersionOffers.id(Cargo.WEIGHTS, version);
    try (Landed landed = plane.fetch(id, places, left(deadlineNs), WeightsBundle.proof())) {
      WeightsBundle bundle = WeightsBundle.read(landed.bytes());
      String base = bundle.manifest().lora() == null ? null : bundle.manifest().base();
      if (base == null) {
        return keep(version, bundle, null, landed.bytes().length());
      }
      Optional<Segments> known = base(base);
      if (known.isPresent()) {
        return keep(version, bundle, WeightsBundle.read(known.get()), landed.bytes().length());
      }
      try (Landed under =
          plane.fetch(
              VersionOffers.baseId(base), places, left(deadlineNs), WeightsBundle.proof())) {
        return keep(
            version,
            bundle,
            WeightsBundle.read(under.bytes()),
            landed.bytes().length() + under.bytes().length());
      }
    }
  }

  private synchronized Optional<Segments> base(String digest) {
    return offers.base(digest);
  }

  /** From the last version that was fetched, if someone offers what changed since; else empty. */
  private Optional<Loan> fetchDelta(PolicyVersion version, List<Place> places, long deadlineNs) {
    Loan before;
    PolicyVersion start;
    synchronized (this) {
      if (!options.areDeltasOffered() || lastFetched == null || !held.holds(lastFetched)) {
        return Optional.empty();
      }
      start = lastFetched;
      before = held.borrow(start);
    }
    var applied = new ArrayList<WeightsDelta.Applied>();
    ParcelId id = VersionOffers.id(Cargo.DELTA, version);
    try (before;
        Landed landed =
            plane.fetch(
                id,
                places,
                left(deadlineNs).dividedBy(2),
                bytes -> digestAfter(bytes, before.weights(), start, applied))) {
      return Optional.of(keep(version, applied.get(0).bundle(), null, landed.bytes().length()));
    } catch (TransportException e) {
      LOG.debug("{} is fetched whole, since its delta cannot be used: {}", version, e.getMessage());
      return Optional.empty();
    } finally {
      applied.forEach(WeightsDelta.Applied::close);
    }
  }

  private static String digestAfter(
      Segments delta,
      DecoderWeights before,
      PolicyVersion start,
      List<WeightsDelta.Applied> applied) {
    try {
      if (!start.digest().equals(WeightsDelta.start(delta))) {
        return "none (it starts from another version than " + start + ")";
      }
      WeightsDelta.Applied result = WeightsDelta.apply(before.baseViews(), delta);
      applied.add(result);
      return result.bundle().digest();
    } catch (CheckpointException e) {
      return "none (" + e.getMessage() + ")";
    }
  }

  private synchronized Loan keep(
      PolicyVersion version, WeightsBundle bundle, WeightsBundle base, long bytes) {
    DecoderWeights weights = bundle.onto(accelerator, base);
    held.publish(version, weights, bundle.manifest().precision());
    offers.add(version);
    lastFetched = version;
    traffic = traffic.plus(bytes, Float.BYTES * weights.config().parameters());
    return held.borrow(version);
  }

  /** What came from other nodes up to now. */
  public synchronized Traffic traffic() {
    return traffic;
  }

  @Override
  public void withdraw(PolicyVersion version) {
    if (forget(version)) {
      holders.retract(version);
    }
  }

  /** On the thread of an actor, which must not wait for the data plane. */
  private void onWithdrawn(PolicyVersion version) {
    if (!tidying.isShutdown()) {
      tidying.execute(() -> withdraw(version));
    }
  }

  private synchronized boolean forget(PolicyVersion version) {
    boolean isKnown = offers.contains(version);
    offers.remove(version);
    held.withdraw(version);
    return isKnown;
  }

  @Override
  public void close() {
    // What is left to tidy up is withdrawn below; a late order would find nothing to do.
    tidying.shutdownNow();
    endFetchingAhead();
    List<PolicyVersion> versions;
    synchronized (this) {
      versions = offers.versions();
      offers.close();
      held.close();
      if (leader != null) {
        plane.unfollow(leader);
        leader = null;
      }
    }
    versions.forEach(holders::retract);
  }

  /** What is on its way must not arrive on an accelerator that is closed. */
  private void endFetchingAhead() {
    fetchingAhead.shutdownNow();
    try {
      if (!fetchingAhead.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("weights were still on their way {} after their end", LONGEST_END);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
