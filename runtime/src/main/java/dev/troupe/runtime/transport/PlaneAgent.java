package dev.troupe.runtime.transport;

import dev.troupe.runtime.transport.ControlMessage.Announce;
import dev.troupe.runtime.transport.ControlMessage.Answer;
import dev.troupe.runtime.transport.ControlMessage.Done;
import dev.troupe.runtime.transport.ControlMessage.Follow;
import dev.troupe.runtime.transport.ControlMessage.Progress;
import dev.troupe.runtime.transport.ControlMessage.Ready;
import dev.troupe.runtime.transport.ControlMessage.Want;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.function.UnaryOperator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;

/** The one thread of a data plane beside the media driver's: all state is its own. */
final class PlaneAgent implements Agent, Sessions.Listener {
  /** Fragments of one stream before the next one has its turn. */
  private static final int FRAGMENTS = 16;

  private final Links links;
  private final Tally tally;
  private final Sessions sessions;
  private final Serving serving;
  private final Landings landings;
  private final Casting casting;
  private final Following following;
  private final Queue<Runnable> orders = new ManyToOneConcurrentLinkedQueue<>();
  private final FragmentHandler handler;
  private volatile String ending;
  private long nowNs = System.nanoTime();

  PlaneAgent(
      PlaneSettings settings,
      Links links,
      Place own,
      Tally tally,
      UnaryOperator<FragmentHandler> tap) {
    this.handler = tap.apply(this::onFragment);
    this.links = links;
    this.tally = tally;
    long stallNs = settings.stall().toNanos();
    this.sessions = new Sessions(settings, links, own, tally, this);
    this.serving = new Serving(tally, stallNs);
    this.landings = new Landings(sessions, tally, stallNs);
    this.casting = new Casting(sessions, links, tally, settings);
    this.following = new Following(sessions, links, landings);
  }

  Serving serving() {
    return serving;
  }

  Landings landings() {
    return landings;
  }

  Casting casting() {
    return casting;
  }

  Following following() {
    return following;
  }

  /** The time of this turn; for orders. */
  long nowNs() {
    return nowNs;
  }

  /** Has something done on this agent's thread, in the order of the calls. */
  void order(Runnable order) {
    orders.add(order);
  }

  /** Why nothing works any more; null while it does. */
  String ending() {
    return ending;
  }

  @Override
  public String roleName() {
    return "data-plane";
  }

  @Override
  public int doWork() {
    nowNs = System.nanoTime();
    int work = links.invoke();
    String over = links.ending();
    if (over != null && ending == null) {
      ending = over;
      landings.close(over);
    }
    Runnable order;
    while ((order = orders.poll()) != null) {
      order.run();
      work++;
    }
    if (ending == null) {
      for (Subscription inbox : links.inboxes()) {
        work += inbox.poll(handler, FRAGMENTS);
      }
      work += following.poll(handler, FRAGMENTS);
      work += sessions.step(nowNs);
      work += following.step(nowNs);
      work += landings.step(nowNs);
      work += serving.step(nowNs);
      work += casting.step(nowNs);
    }
    return work;
  }

  private void onFragment(DirectBuffer buffer, int offset, int length, Header header) {
    if (length <= Chunk.KIND_AT) {
      tally.add(PlaneCount.TRUNCATED);
    } else if (buffer.getInt(offset, ByteOrder.LITTLE_ENDIAN) != Chunk.MAGIC
        || buffer.getByte(offset + Chunk.FORMAT_AT) != Chunk.FORMAT) {
      tally.add(PlaneCount.FOREIGN);
    } else if (buffer.getByte(offset + Chunk.KIND_AT) == Chunk.KIND) {
      landings.onChunk(buffer, offset, length, nowNs);
    } else {
      byte[] frame = new byte[length];
      buffer.getBytes(offset, frame);
      sessions.onFrame(frame, nowNs);
    }
  }

  @Override
  public void onMessage(Session session, ControlMessage message) {
    if (message instanceof Want want) {
      serving.onWant(session, want, nowNs);
    } else if (message instanceof Answer answer) {
      landings.onAnswer(session, answer, nowNs);
    } else if (message instanceof Done done) {
      serving.onDone(session, done.token());
      casting.onDone(session, done.token());
    } else if (message instanceof Follow follow) {
      casting.onFollow(session, follow);
    } else if (message instanceof Announce announce) {
      following.onAnnounce(session, announce, nowNs);
    } else if (message instanceof Ready ready) {
      casting.onReady(session, ready);
    } else if (message instanceof Progress progress) {
      casting.onProgress(session, progress, nowNs);
    } else {
      tally.add(PlaneCount.FOREIGN);
    }
  }

  @Override
  public void onClose() {
    ending = "this data plane is closed";
    Runnable order;
    while ((order = orders.poll()) != null) {
      order.run();
    }
    landings.close(ending);
    casting.close();
    following.close();
    serving.close();
    sessions.close();
    links.close();
  }
}
