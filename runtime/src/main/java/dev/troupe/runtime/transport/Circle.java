package dev.troupe.runtime.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Nodes that compute something together and give each other its parts. All members make the same
 * exchanges in the same order; each exchange has a number, and what a member gives in it has a name
 * that all others can tell beforehand.
 *
 * <p>The bytes are sent from where they lie, over the streams of the data plane: in chunks with
 * checksums, what is missing asked for again by exact ranges. Behind them travels a digest over the
 * name and all bytes. Whoever has everything of one exchange knows that all members have everything
 * of the exchange before it, so the bytes given in that one are free again.
 *
 * <p>One thread makes the exchanges; {@link #abandon} may be called by any thread.
 */
public final class Circle implements AutoCloseable {
  /** Bytes behind those of a part: its digest. */
  private static final int SEAL = ParcelId.DIGEST_BYTES;

  private static final int ALL = -1;
  private static final Duration GRACE = Duration.ofSeconds(15);

  private final DataPlane plane;
  private final Membership membership;
  private final int rank;
  private final Duration patience;
  private final ExecutorService takers;
  private final List<ParcelId> given = new ArrayList<>();
  private final AtomicLong bytesTaken = new AtomicLong();
  private long exchange;
  private volatile boolean isWaiting;
  private volatile String end;

  /**
   * Who belongs to a circle.
   *
   * @param key 32 random bytes, lower-case hexadecimal: no two circles have the same names
   * @param epoch how many times the run was started before
   * @param places where the members are reached, by rank; each one's own place included
   */
  public record Membership(String key, int epoch, List<Place> places) {
    /** Copies the list. */
    public Membership {
      places = List.copyOf(places);
    }
  }

  /**
   * @param plane of this node; not closed by the circle
   * @param rank of this member, from 0
   * @param patience longest wait in one exchange
   */
  public Circle(DataPlane plane, Membership membership, int rank, Duration patience) {
    this.plane = plane;
    this.membership = membership;
    this.rank = rank;
    this.patience = patience;
    this.takers =
        Executors.newCachedThreadPool(
            task -> {
              var thread = new Thread(task, "circle-" + rank);
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Number of members. */
  public int size() {
    return membership.places().size();
  }

  /** This member's place in the order, from 0. */
  public int rank() {
    return rank;
  }

  /** Bytes that came from other members up to now. */
  public long bytesTaken() {
    return bytesTaken.get();
  }

  /**
   * Gives every other member its own bytes and takes what they give to this one; blocks.
   *
   * @param what is exchanged, in words for people
   * @param parts by rank, the own one left out of account; unchanged until the end of the next
   *     exchange
   * @return by rank, null at this one; they belong to the caller
   * @throws TransportException if a member's bytes did not come in time or the circle was
   *     abandoned, with a sentence that says which
   */
  public List<Taken> swap(String what, List<Segments> parts) {
    long number = exchange++;
    var giving = new ArrayList<ParcelId>();
    for (int to = 0; to < size(); to++) {
      if (to != rank) {
        giving.add(give(number, to, parts.get(to)));
      }
    }
    List<Taken> taken = takeAll(what, number, rank);
    freed(giving);
    return taken;
  }

  /**
   * Gives the same bytes to all other members and takes what they give to all; blocks. Parameters
   * and results as for {@link #swap}.
   */
  public List<Taken> share(String what, Segments part) {
    long number = exchange++;
    ParcelId giving = give(number, ALL, part);
    List<Taken> taken = takeAll(what, number, ALL);
    freed(List.of(giving));
    return taken;
  }

  /**
   * Gives bytes to one member, who {@linkplain #collect collects} them; does not wait.
   *
   * @param part unchanged until the end of the next exchange in which all take part
   */
  public void contribute(int to, Segments part) {
    give(exchange++, to, part);
  }

  /**
   * Takes what all other members contribute; blocks. Parameters and results as for {@link #swap}.
   */
  public List<Taken> collect(String what) {
    return takeAll(what, exchange++, rank);
  }

  /** Bytes that a member gave, in native memory that the taker owns and closes. */
  public static final class Taken implements AutoCloseable {
    private final Landed landed;

    private Taken(Landed landed) {
      this.landed = landed;
    }

    /** Number of bytes. */
    public long length() {
      return landed.bytes().length() - SEAL;
    }

    /** A part of the bytes as one little-endian buffer, valid until this is closed. */
    public ByteBuffer slice(long offset, int count) {
      return landed.bytes().slice(offset, count);
    }

    @Override
    public void close() {
      landed.close();
    }
  }

  private ParcelId give(long number, int to, Segments part) {
    requireNotEnded();
    ParcelId id = id(number, rank, to);
    var sealed = new ArrayList<ByteBuffer>(part.pieces());
    ByteBuffer seal = ByteBuffer.allocateDirect(SEAL);
    seal.put(digest(id, part.pieces())).flip();
    sealed.add(seal);
    plane.offer(new Parcel(id, Segments.of(sealed), () -> {}));
    given.add(id);
    return id;
  }

  private ParcelId id(long number, int from, int to) {
    MessageDigest digest = sha256();
    digest.update(HexFormat.of().parseHex(membership.key()));
    digest.update("%d %d %d".formatted(number, from, to).getBytes(StandardCharsets.US_ASCII));
    return new ParcelId(
        Cargo.GRADIENT, membership.epoch(), number, HexFormat.of().formatHex(digest.digest()));
  }

  private List<Taken> takeAll(String what, long number, int to) {
    var waiting = new ArrayList<Future<Taken>>();
    var taken = new ArrayList<Taken>();
    isWaiting = true;
    try {
      for (int from = 0; from < size(); from++) {
        waiting.add(from == rank ? null : begin(what, id(number, from, to), from));
      }
      for (Future<Taken> one : waiting) {
        taken.add(one == null ? null : get(one, what));
      }
      return taken;
    } catch (RuntimeException e) {
      release(waiting);
      throw e;
    } finally {
      isWaiting = false;
    }
  }

  private Future<Taken> begin(String what, ParcelId id, int from) {
    requireNotEnded();
    try {
      return takers.submit(() -> take(what, id, from));
    } catch (RejectedExecutionException e) {
      throw new TransportException(end, e); // It was abandoned since the line before.
    }
  }

  /** Whether an exchange waits for others at this moment. */
  boolean isWaiting() {
    return isWaiting;
  }

  private Taken take(String what, ParcelId id, int from) {
    Place place = membership.places().get(from);
    try {
      Landed landed = plane.fetch(id, List.of(place), patience, sealed(id));
      bytesTaken.addAndGet(landed.bytes().length());
      return new Taken(landed);
    } catch (TransportException e) {
      throw new TransportException(
          end != null
              ? end
              : "learner %d of %d at %s did not give %s within %d s: %s"
                  .formatted(from + 1, size(), place, what, patience.toSeconds(), e.getMessage()),
          e);
    }
  }

  private Taken get(Future<Taken> one, String what) {
    try {
      return one.get(patience.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TransportException known) {
        throw new TransportException(known.getMessage(), known);
      }
      throw new TransportException("the exchange of " + what + " failed", e.getCause());
    } catch (TimeoutException | CancellationException e) {
      throw new TransportException(
          end != null ? end : "the exchange of " + what + " is stuck; look at the log", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransportException("the wait for " + what + " was interrupted", e);
    }
  }

  /** After a failure: nobody will use what came and what is still to come. */
  private static void release(List<Future<Taken>> waiting) {
    for (Future<Taken> one : waiting) {
      if (one != null && !one.cancel(true) && !one.isCancelled()) {
        try {
          one.get(0, TimeUnit.MILLISECONDS).close();
        } catch (ExecutionException | TimeoutException e) {
          continue; // Nothing came of it.
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** Everybody has what was given before these; ends those offers. */
  private void freed(List<ParcelId> kept) {
    var free = new ArrayList<>(given);
    free.removeAll(kept);
    plane.withdraw(free);
    given.retainAll(kept);
  }

  /** The digest in a name follows from the name alone; the one over the bytes lies behind them. */
  private static Proof sealed(ParcelId id) {
    return bytes -> {
      if (bytes.length() < SEAL) {
        return "none (it has no seal)";
      }
      var content = new ArrayList<ByteBuffer>();
      long left = bytes.length() - SEAL;
      for (ByteBuffer piece : bytes.pieces()) {
        int count = (int) Math.min(left, piece.remaining());
        content.add(piece.slice(piece.position(), count));
        left -= count;
      }
      byte[] seal = new byte[SEAL];
      bytes.slice(bytes.length() - SEAL, SEAL).get(seal);
      return MessageDigest.isEqual(seal, digest(id, content))
          ? id.digest()
          : "none (the seal does not match)";
    };
  }

  private static byte[] digest(ParcelId id, List<ByteBuffer> pieces) {
    MessageDigest digest = sha256();
    digest.update(HexFormat.of().parseHex(id.digest()));
    pieces.forEach(digest::update);
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must offer SHA-256", e);
    }
  }

  private void requireNotEnded() {
    if (end != null) {
      throw new TransportException(end);
    }
  }

  /**
   * Ends all waits at once, those of now and later ones.
   *
   * @param reason a sentence for people
   */
  public void abandon(String reason) {
    if (end == null) {
      end = reason;
      takers.shutdownNow();
    }
  }

  /** Ends the circle; what was given may be changed when this returns. */
  @Override
  public void close() {
    abandon("the learners no longer train together");
    plane.withdraw(given);
    given.clear();
  }
}
