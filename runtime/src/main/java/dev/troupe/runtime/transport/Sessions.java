package dev.troupe.runtime.transport;

import dev.troupe.runtime.transport.ControlMessage.Bye;
import dev.troupe.runtime.transport.ControlMessage.Challenge;
import dev.troupe.runtime.transport.ControlMessage.Hello;
import dev.troupe.runtime.transport.ControlMessage.Proof;
import dev.troupe.runtime.transport.ControlMessage.Welcome;
import io.aeron.ExclusivePublication;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who this node talks to. A peer is heard only after a handshake of three messages:
 *
 * <ol>
 *   <li>the initiator's hello, a random number signed with a key of the shared secret;
 *   <li>the acceptor's challenge, that number and one of its own, signed likewise: the acceptor
 *       knows the secret and answers now, not from a recording;
 *   <li>the initiator's proof, signed with a key of the secret and both numbers.
 * </ol>
 *
 * <p>All later messages are signed with the keys of the session, one for each direction, and
 * numbered. What this does not do: nothing is encrypted, so who reads the network reads the weights
 * and the tokens that chunks are known by, and could send chunks of its own; they would be noticed
 * by the digest of the whole, not before.
 */
final class Sessions {

  /** Who is told of what comes. */
  interface Listener {
    /** A message of an open session. */
    void onMessage(Session session, ControlMessage message);
  }

  /** More peers than these are not greeted at a time. */
  private static final int MOST_GREETINGS = 64;

  private final PlaneSettings settings;
  private final Links links;
  private final Place own;
  private final Tally tally;
  private final Listener listener;
  private final SharedSecret greetingKey;
  private final SecureRandom random = new SecureRandom();
  private final Map<Long, Session> byId = new HashMap<>();
  private final Map<Place, Session> initiated = new HashMap<>();
  private final Set<Place> withoutSharedMemory = new HashSet<>();

  Sessions(PlaneSettings settings, Links links, Place own, Tally tally, Listener listener) {
    this.settings = settings;
    this.links = links;
    this.own = own;
    this.tally = tally;
    this.listener = listener;
    this.greetingKey = settings.secret().derive("greeting");
  }

  /** The session with a place, a new one unless there is one that is not broken. */
  Session to(Place place, long nowNs) {
    Session known = initiated.get(place);
    if (known != null && known.state() != Session.State.BROKEN) {
      return known;
    }
    boolean isNeighbour = !withoutSharedMemory.contains(place) && place.isNeighbour();
    byte[] nonce = randomBytes();
    ExclusivePublication publication =
        isNeighbour ? links.toNeighbour(place) : links.toRemote(place);
    var session =
        new Session(random.nextLong(), true, place, isNeighbour, nonce, publication, nowNs);
    byId.put(session.id(), session);
    initiated.put(place, session);
    session.post(
        ControlFrame.write(new Hello(nonce, own, isNeighbour), session.id(), 0, greetingKey));
    return session;
  }

  /** A random number that nobody can guess, for a transfer. */
  long token() {
    return random.nextLong();
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[ControlMessage.NONCE_BYTES];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Takes what lies in an inbox and is no chunk. */
  void onFrame(byte[] bytes, long nowNs) {
    ControlFrame frame = ControlFrame.read(bytes);
    if (frame == null) {
      tally.add(PlaneCount.TRUNCATED);
    } else if (frame.kind() == ControlFrame.HELLO) {
      onHello(frame, nowNs);
    } else {
      Session session = byId.get(frame.session());
      if (session == null || session.state() == Session.State.BROKEN) {
        tally.add(PlaneCount.FOREIGN);
      } else if (frame.kind() == ControlFrame.CHALLENGE) {
        onChallenge(session, frame);
      } else {
        onSigned(session, frame);
      }
    }
  }

  private void onHello(ControlFrame frame, long nowNs) {
    if (!frame.isSigned(greetingKey)
        || !(frame.message() instanceof Hello hello)
        || greetings() >= MOST_GREETINGS) {
      tally.add(PlaneCount.FOREIGN);
      return;
    }
    if (byId.containsKey(frame.session())) {
      tally.add(PlaneCount.REPLAYED);
      return;
    }
    ExclusivePublication publication;
    try {
      publication =
          hello.isNeighbour() ? links.toNeighbour(hello.from()) : links.toRemote(hello.from());
    } catch (RuntimeException e) {
      // Who cannot be answered gives up by its own deadline and says so there.
      tally.add(PlaneCount.FOREIGN);
      return;
    }
    var session =
        new Session(
            frame.session(),
            false,
            hello.from(),
            hello.isNeighbour(),
            hello.nonce(),
            publication,
            nowNs);
    byte[] answer = randomBytes();
    session.agree(settings.secret(), answer);
    byId.put(session.id(), session);
    session.post(
        ControlFrame.write(new Challenge(hello.nonce(), answer), session.id(), 0, greetingKey));
  }

  private long greetings() {
    return byId.values().stream()
        .filter(session -> session.state() == Session.State.GREETING)
        .count();
  }

  private void onChallenge(Session session, ControlFrame frame) {
    if (!frame.isSigned(greetingKey)
        || !session.isInitiator()
        || !(frame.message() instanceof Challenge challenge)
        || !Arrays.equals(challenge.nonce(), session.nonce())) {
      tally.add(PlaneCount.FOREIGN);
    } else if (session.incoming() != null) {
      tally.add(PlaneCount.REPLAYED);
    } else {
      session.agree(settings.secret(), challenge.answer());
      session.send(new Proof());
    }
  }

  private void onSigned(Session session, ControlFrame frame) {
    if (session.incoming() == null || !frame.isSigned(session.incoming())) {
      tally.add(PlaneCount.FOREIGN);
      return;
    }
    if (!session.isNew(frame.sequence())) {
      tally.add(PlaneCount.REPLAYED);
      return;
    }
    ControlMessage message = frame.message();
    if (message instanceof Proof && !session.isInitiator()) {
      session.open();
      session.send(new Welcome());
    } else if (message instanceof Welcome && session.isInitiator()) {
      session.open();
    } else if (message instanceof Bye) {
      session.breakUp("it has shut down");
    } else if (message == null || !session.isOpen()) {
      tally.add(PlaneCount.FOREIGN);
    } else {
      listener.onMessage(session, message);
    }
  }

  /** Sends what waits and forgets who is gone. */
  int step(long nowNs) {
    int work = 0;
    for (Session session : List.copyOf(byId.values())) {
      work += session.flush();
      session.check(nowNs, settings.stall().toNanos());
      if (session.state() == Session.State.GREETING
          && nowNs - session.sinceNs() > settings.greeting().toNanos()) {
        giveUp(session);
      }
      if (session.state() == Session.State.BROKEN) {
        byId.remove(session.id());
        initiated.remove(session.place(), session);
        work++;
      }
    }
    return work;
  }

  private void giveUp(Session session) {
    if (session.isInitiator() && session.isNeighbour()) {
      withoutSharedMemory.add(session.place());
    }
    session.breakUp(
        session.wasEverConnected()
            ? "it did not finish the handshake within %d ms, so it may have another shared secret"
                .formatted(settings.greeting().toMillis())
            : "nothing listens there, or no route leads there; check that the node runs and that"
                + " its UDP port is open");
  }

  Collection<Session> all() {
    return byId.values();
  }

  /** Says goodbye, so that nobody waits. */
  void close() {
    for (Session session : byId.values()) {
      if (session.isOpen()) {
        session.send(new Bye());
      }
    }
  }
}
