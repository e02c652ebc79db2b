package dev.troupe.runtime.transport;

import dev.troupe.runtime.transport.ControlMessage.Answer;
import dev.troupe.runtime.transport.ControlMessage.Want;
import dev.troupe.runtime.transport.RangeSet.Range;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What this node offers, and who is being given which part of it. */
final class Serving {
  /** Chunks to one taker before the next one has its turn. */
  private static final int BURST = 8;

  /** Who still waits asks again after one silence, so that nothing older is waited for. */
  private static final int SILENCES = 4;

  private final Tally tally;
  private final long stallNs;
  private final Map<ParcelId, Parcel> offers = new HashMap<>();
  private final List<Service> services = new ArrayList<>();
  private final List<Early> early = new ArrayList<>();

  /** A request for what is not offered yet but will be. */
  private record Early(Session taker, Want want, long sinceNs) {}

  /** The ranges that one taker waits for. */
  private static final class Service {
    final Session taker;
    final Parcel parcel;
    final long token;
    final Deque<Range> ranges = new ArrayDeque<>();
    boolean isEndDue;
    long progressNs;

    Service(Session taker, Parcel parcel, long token) {
      this.taker = taker;
      this.parcel = parcel;
      this.token = token;
    }
  }

  Serving(Tally tally, long stallNs) {
    this.tally = tally;
    this.stallNs = stallNs;
  }

  /** Returns false, and keeps what is there, if the parcel is offered already. */
  boolean offer(Parcel parcel, long nowNs) {
    if (offers.putIfAbsent(parcel.id(), parcel) != null) {
      return false;
    }
    for (int i = early.size() - 1; i >= 0; i--) {
      Early waiting = early.get(i);
      if (waiting.want().id().equals(parcel.id())) {
        early.remove(i);
        onWant(waiting.taker(), waiting.want(), nowNs);
      }
    }
    return true;
  }

  Parcel find(ParcelId id) {
    return offers.get(id);
  }

  /** Ends an offer; who is in the middle of it hears that it is not held. */
  void withdraw(ParcelId id) {
    Parcel parcel = offers.remove(id);
    if (parcel == null) {
      return;
    }
    for (Service service : List.copyOf(services)) {
      if (service.parcel == parcel) {
        service.taker.send(new Answer(service.token, Answer.NOT_HELD));
        services.remove(service);
      }
    }
    parcel.release().run();
  }

  void onWant(Session taker, Want want, long nowNs) {
    Parcel parcel = offers.get(want.id());
    if (parcel == null && want.id().cargo() == Cargo.GRADIENT) {
      // Its name follows from the step, so it may be asked for before it is computed.
      early.removeIf(it -> it.taker() == taker && it.want().id().equals(want.id()));
      early.add(new Early(taker, want, nowNs));
      taker.send(new Answer(want.token(), Answer.NOT_YET));
      return;
    }
    if (parcel == null) {
      taker.send(new Answer(want.token(), Answer.NOT_HELD));
      return;
    }
    Service service = service(taker, want.token());
    if (service == null) {
      service = new Service(taker, parcel, want.token());
      services.add(service);
    }
    taker.send(new Answer(want.token(), parcel.bytes().length()));
    service.ranges.clear();
    for (Range range : want.ranges()) {
      long to = Math.min(range.to(), parcel.bytes().length());
      if (range.from() < to) {
        service.ranges.add(new Range(range.from(), to));
      }
    }
    service.isEndDue = true;
    service.progressNs = nowNs;
  }

  private Service service(Session taker, long token) {
    for (Service service : services) {
      if (service.taker == taker && service.token == token) {
        return service;
      }
    }
    return null;
  }

  void onDone(Session taker, long token) {
    services.removeIf(service -> service.taker == taker && service.token == token);
    early.removeIf(it -> it.taker() == taker && it.want().token() == token);
  }

  /** Sends what there is room for; a taker that takes nothing for too long is left alone. */
  int step(long nowNs) {
    int work = 0;
    early.removeIf(it -> !it.taker().isOpen() || nowNs - it.sinceNs() > SILENCES * stallNs);
    for (int i = services.size() - 1; i >= 0; i--) {
      Service service = services.get(i);
      int sent = service.taker.isOpen() ? send(service) : 0;
      if (sent > 0) {
        service.progressNs = nowNs;
      }
      boolean isStalled = service.isEndDue && nowNs - service.progressNs > stallNs;
      if (isStalled) {
        tally.add(PlaneCount.DROPPED);
      }
      if (isStalled || !service.isEndDue || !service.taker.isOpen()) {
        services.remove(i);
      }
      work += sent;
    }
    return work;
  }

  private int send(Service service) {
    int sent = 0;
    int longest = service.taker.chunkBytes();
    while (sent < BURST && service.isEndDue) {
      Range range = service.ranges.peek();
      long offset = range == null ? 0 : range.from();
      int length = range == null ? 0 : (int) Math.min(longest, range.length());
      if (!service.taker.trySend(service.parcel, service.token, offset, length)) {
        break;
      }
      sent++;
      if (range == null) {
        service.isEndDue = false;
        continue;
      }
      tally.add(PlaneCount.CHUNKS_SENT);
      tally.add(PlaneCount.BYTES_SENT, length);
      service.ranges.remove();
      if (length < range.length()) {
        service.ranges.addFirst(new Range(offset + length, range.to()));
      }
    }
    return sent;
  }

  void close() {
    for (ParcelId id : List.copyOf(offers.keySet())) {
      withdraw(id);
    }
  }
}
