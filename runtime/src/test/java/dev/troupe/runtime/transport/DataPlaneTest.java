package dev.troupe.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class DataPlaneTest {
  private static final int MIB = 1 << 20;
  private Planes planes;

  @BeforeEach
  void open() throws IOException {
    planes = new Planes();
  }

  @AfterEach
  void close() {
    planes.close();
  }

  private static void take(DataPlane taker, ParcelId id, Place... holders) {
    taker.fetch(id, List.of(holders), Planes.LONG, Proof.SHA_256).close();
  }

  @Test
  void fetchesThroughTheNetwork() {
    DataPlane holder = planes.start();
    DataPlane taker = planes.start();
    Parcel parcel = Planes.parcel(1, 5 * MIB + 7);
    holder.offer(parcel);

    take(taker, parcel.id(), Planes.remote(holder));

    assertEquals(5 * MIB + 7, taker.count(PlaneCount.BYTES_TAKEN));
    assertEquals(5 * MIB + 7, holder.count(PlaneCount.BYTES_SENT));
    assertEquals(0, taker.count(PlaneCount.FOREIGN) + taker.count(PlaneCount.CORRUPT));
  }

  @Test
  void fetchesThroughSharedMemoryFromANeighbour() {
    DataPlane holder = planes.start();
    DataPlane taker = planes.start();
    Parcel parcel = Planes.parcel(1, 5 * MIB);
    holder.offer(parcel);

    take(taker, parcel.id(), holder.place());

    assertEquals(5 * MIB, taker.count(PlaneCount.BYTES_TAKEN));
  }

  @Test
  void corruptTruncatedReplayedAndForeignChunksAreRefusedAndTheTransferHeals() {
    var chunks = new AtomicInteger();
    UnaryOperator<io.aeron.logbuffer.FragmentHandler> tap =
        reader ->
            (buffer, offset, length, header) -> {
              boolean isChunk =
                  length > Chunk.HEADER && buffer.getByte(offset + Chunk.KIND_AT) == Chunk.KIND;
              int count = isChunk ? chunks.incrementAndGet() : 0;
              var copy = new UnsafeBuffer(new byte[length]);
              buffer.getBytes(offset, copy, 0, length);
              switch (count) {
                case 3 -> copy.putByte(length - 1, (byte) (copy.getByte(length - 1) ^ 1));
                case 5 -> {
                  reader.onFragment(copy, 0, length - 1, header);
                  return;
                }
                case 7 -> copy.putByte(16, (byte) (copy.getByte(16) ^ 1)); // the token
                case 9 -> reader.onFragment(copy, 0, length, header);
                case 11 -> copy.putByte(0, (byte) 0); // the magic
                case 13 -> {
                  return; // lost
                }
                default -> {}
              }
              reader.onFragment(copy, 0, length, header);
            };
    DataPlane holder = planes.start();
    DataPlane taker = planes.start(Planes.SECRET, tap);
    Parcel parcel = Planes.parcel(1, 4 * MIB);
    holder.offer(parcel);

    take(taker, parcel.id(), Planes.remote(holder));

    assertEquals(1, taker.count(PlaneCount.CORRUPT));
    assertEquals(1, taker.count(PlaneCount.TRUNCATED));
    assertEquals(2, taker.count(PlaneCount.FOREIGN));
    assertEquals(1, taker.count(PlaneCount.DUPLICATES));
    assertEquals(1, taker.count(PlaneCount.REPAIRS));
    // Five chunks were missing and exactly they were sent again.
    long chunk = (65504 - 32 - Chunk.HEADER) / 64 * 64;
    assertEquals(4 * MIB + 5 * chunk, holder.count(PlaneCount.BYTES_SENT));
  }

  @Test
  void chunksOfAnEarlierTransferAreRefusedAsReplayed() {
    var kept = new ArrayList<UnsafeBuffer>();
    var isReplaying = new AtomicBoolean();
    DataPlane holder = planes.start();
    DataPlane taker =
        planes.start(
            Planes.SECRET,
            reader ->
                (buffer, offset, length, header) -> {
                  if (buffer.getByte(offset + Chunk.KIND_AT) == Chunk.KIND) {
                    if (isReplaying.compareAndSet(true, false)) {
                      kept.forEach(old -> reader.onFragment(old, 0, old.capacity(), header));
                    } else if (kept.size() < 3) {
                      var copy = new UnsafeBuffer(new byte[length]);
                      buffer.getBytes(offset, copy, 0, length);
                      kept.add(copy);
                    }
                  }
                  reader.onFragment(buffer, offset, length, header);
                });
    Parcel first = Planes.parcel(1, MIB);
    Parcel second = Planes.parcel(2, MIB);
    holder.offer(first);
    holder.offer(second);
    take(taker, first.id(), Planes.remote(holder));
    isReplaying.set(true);

    take(taker, second.id(), Planes.remote(holder));

    assertEquals(3, taker.count(PlaneCount.REPLAYED));
    assertEquals(2 * MIB, taker.count(PlaneCount.BYTES_TAKEN));
  }

  @Test
  void aStrangerGetsNothingAndIsToldWhy() {
    DataPlane holder = planes.start();
    DataPlane stranger =
        planes.start(SharedSecret.of("some other secret, also long"), UnaryOperator.identity());
    Parcel parcel = Planes.parcel(1, MIB);
    holder.offer(parcel);

    var refusal =
        assertThrows(
            TransportException.class,
            () ->
                stranger.fetch(
                    parcel.id(),
                    List.of(Planes.remote(holder)),
                    java.time.Duration.ofSeconds(5),
                    Proof.SHA_256));

    assertTrue(refusal.getMessage().contains("another shared secret"), refusal.getMessage());
    assertTrue(holder.count(PlaneCount.FOREIGN) > 0);
    assertEquals(0, holder.count(PlaneCount.BYTES_SENT));
  }

  @Test
  void aStrangersPublicationIsCountedAndChangesNothing() {
    DataPlane holder = planes.start();
    DataPlane taker = planes.start();
    DataPlane stranger = planes.start();
    Parcel parcel = Planes.parcel(1, MIB);
    holder.offer(parcel);
    var context =
        new io.aeron.Aeron.Context().aeronDirectoryName(stranger.aeronDirectory().toString());
    try (var aeron = io.aeron.Aeron.connect(context);
        var forged =
            aeron.addExclusivePublication("aeron:udp?endpoint=" + taker.place(), Links.INBOX)) {
      var chunk = new UnsafeBuffer(new byte[Chunk.HEADER + 100]);
      Chunk.write(chunk, 0, 12345, parcel.id(), parcel.bytes(), 0, 100);
      Planes.until("a forged chunk is sent", () -> forged.offer(chunk) > 0);
      Planes.until("it is counted", () -> taker.count(PlaneCount.FOREIGN) == 1);

      take(taker, parcel.id(), Planes.remote(holder));
    }
    assertEquals(1, taker.count(PlaneCount.FOREIGN));
  }

  @Test
  void goesOnWithAnotherHolderFromWhereTheFirstOneFellSilent() {
    DataPlane first = planes.start();
    DataPlane second = planes.start();
    var taken = new AtomicLong();
    var isCut = new AtomicBoolean();
    Place silent = Planes.remote(first);
    DataPlane taker =
        planes.start(
            Planes.SECRET,
            reader ->
                (buffer, offset, length, header) -> {
                  boolean isChunk = buffer.getByte(offset + Chunk.KIND_AT) == Chunk.KIND;
                  if (isChunk && taken.incrementAndGet() > 20) {
                    // The second holder's transfer has another token, so it is let through.
                    isCut.compareAndSet(false, true);
                    if (header.sessionId() == firstSession.get()) {
                      return;
                    }
                  } else if (isChunk) {
                    firstSession.set(header.sessionId());
                  }
                  reader.onFragment(buffer, offset, length, header);
                });
    Parcel parcel = Planes.parcel(1, 4 * MIB);
    first.offer(parcel);
    second.offer(parcel);

    take(taker, parcel.id(), silent, Planes.remote(second));

    assertTrue(isCut.get());
    long chunk = (65504 - 32 - Chunk.HEADER) / 64 * 64;
    assertEquals(4 * MIB - 20 * chunk, second.count(PlaneCount.BYTES_SENT));
  }

  private final AtomicInteger firstSession = new AtomicInteger();

  @Test
  void aHolderThatHoldsSomethingElseIsSkipped() {
    DataPlane without = planes.start();
    DataPlane holder = planes.start();
    DataPlane taker = planes.start();
    Parcel parcel = Planes.parcel(1, MIB);
    holder.offer(parcel);

    take(taker, parcel.id(), Planes.remote(without), Planes.remote(holder));
  }

  @Test
  void aParcelThatNobodyHoldsIsRefusedAtOnceWithASentence() {
    DataPlane without = planes.start();
    DataPlane taker = planes.start();

    var refusal =
        assertThrows(
            TransportException.class,
            () -> take(taker, Planes.parcel(1, 8).id(), Planes.remote(without)));

    assertTrue(refusal.getMessage().contains("weights 0.1@"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("it does not hold it"), refusal.getMessage());
  }

  @Test
  void noRouteIsSaidWithinTheDeadline() {
    DataPlane taker = planes.start();
    Place nowhere = new Place("127.0.0.99", 40999, "/nonexistent", 1);

    var refusal =
        assertThrows(
            TransportException.class,
            () ->
                taker.fetch(
                    Planes.parcel(1, 8).id(),
                    List.of(nowhere),
                    java.time.Duration.ofSeconds(4),
                    Proof.SHA_256));

    assertTrue(refusal.getMessage().contains("127.0.0.99:40999"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("no route"), refusal.getMessage());
  }

  @Test
  void aPortInUseIsSaidAtTheStart() {
    DataPlane first = planes.start();

    var refusal =
        assertThrows(
            TransportException.class,
            () ->
                new DataPlane(
                    PlaneSettings.of(
                        first.place().host(),
                        first.place().port(),
                        planes.directory("other"),
                        Planes.SECRET)));

    assertTrue(refusal.getMessage().contains("in use"), refusal.getMessage());
  }

  @Test
  void bytesThatDoNotHaveTheirDigestAreNotHandedOut() {
    DataPlane holder = planes.start();
    DataPlane taker = planes.start();
    Parcel parcel = Planes.parcel(1, MIB);
    var wrong = new ParcelId(Cargo.WEIGHTS, 0, 1, "00".repeat(32));
    holder.offer(new Parcel(wrong, parcel.bytes(), () -> {}));

    var refusal =
        assertThrows(TransportException.class, () -> take(taker, wrong, Planes.remote(holder)));

    assertTrue(refusal.getMessage().contains(parcel.id().digest()), refusal.getMessage());
    assertEquals(1, taker.count(PlaneCount.UNPROVED));
  }

  @Test
  void withdrawingReleasesTheMemoryOnce() {
    DataPlane holder = planes.start();
    var released = new AtomicInteger();
    Parcel parcel = Planes.parcel(1, 8);
    var counted = new Parcel(parcel.id(), parcel.bytes(), released::incrementAndGet);
    holder.offer(counted);

    holder.withdraw(parcel.id());
    holder.withdraw(parcel.id());

    assertEquals(1, released.get());
  }

  private static void assembled(DataPlane leader, int followers) {
    Planes.until(followers + " follow", () -> leader.followers() == followers);
  }

  private CastReport cast(DataPlane leader, ParcelId id) throws Exception {
    return leader.cast(id).get(Planes.LONG.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void castsToRemoteFollowersAndNeighboursAtOnce() throws Exception {
    DataPlane leader = planes.start();
    DataPlane near = planes.start();
    DataPlane far = planes.start();
    near.follow(leader.place());
    far.follow(Planes.remote(leader));
    assembled(leader, 2);
    for (int number = 1; number <= 3; number++) {
      Parcel parcel = Planes.parcel(number, 6 * MIB);
      leader.offer(parcel);

      CastReport report = cast(leader, parcel.id());

      assertEquals(2, report.delivered().size(), report.toString());
      take(near, parcel.id(), leader.place());
      take(far, parcel.id(), Planes.remote(leader));
      // Each got it by the cast alone: what they fetched was there.
      assertEquals(6L * MIB * number, near.count(PlaneCount.BYTES_TAKEN));
      assertEquals(6L * MIB * number, far.count(PlaneCount.BYTES_TAKEN));
    }
    assertEquals(2L * 3 * 6 * MIB, leader.count(PlaneCount.BYTES_SENT));
    assertEquals(0, near.count(PlaneCount.REPAIRS) + far.count(PlaneCount.REPAIRS));
    near.unfollow(leader.place());
    assembled(leader, 1);
  }

  @Test
  void aFollowerThatDoesNotReadIsLeftBehindAndCatchesUp() throws Exception {
    var gate = new CountDownLatch(1);
    var isShut = new AtomicBoolean();
    var chunks = new AtomicInteger();
    DataPlane leader = planes.start();
    DataPlane swift = planes.start();
    DataPlane slow =
        planes.start(
            Planes.SECRET,
            reader ->
                (buffer, offset, length, header) -> {
                  reader.onFragment(buffer, offset, length, header);
                  if (isShut.get()
                      && buffer.getByte(offset + Chunk.KIND_AT) == Chunk.KIND
                      && chunks.incrementAndGet() == 5) {
                    waitAt(gate);
                  }
                });
    slow.follow(Planes.remote(leader));
    swift.follow(Planes.remote(leader));
    assembled(leader, 2);
    isShut.set(true);
    Parcel parcel = Planes.parcel(1, 24 * MIB);
    leader.offer(parcel);

    CastReport report = cast(leader, parcel.id());

    assertEquals(List.of(swift.place()), report.delivered(), report.toString());
    assertEquals(List.of(slow.place()), report.dropped(), report.toString());
    take(swift, parcel.id(), Planes.remote(leader));
    gate.countDown();
    take(slow, parcel.id(), Planes.remote(leader));
    assertTrue(leader.count(PlaneCount.DROPPED) > 0);
  }

  private static void waitAt(CountDownLatch gate) {
    try {
      assertTrue(gate.await(15, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anOlderVersionIsNotTakenFromACast() throws Exception {
    DataPlane leader = planes.start();
    DataPlane follower = planes.start();
    follower.follow(Planes.remote(leader));
    assembled(leader, 1);
    Parcel newer = Planes.parcel(5, MIB);
    Parcel older = Planes.parcel(4, MIB);
    leader.offer(newer);
    leader.offer(older);

    assertEquals(1, cast(leader, newer.id()).delivered().size());
    cast(leader, older.id());

    assertEquals(MIB, follower.count(PlaneCount.BYTES_TAKEN));
    assertEquals(1, follower.count(PlaneCount.REPLAYED));
  }

  @Test
  void aLateJoinerGetsItFromAnyHolder() {
    DataPlane leader = planes.start();
    DataPlane early = planes.start();
    DataPlane late = planes.start();
    Parcel parcel = Planes.parcel(1, 2 * MIB);
    leader.offer(parcel);
    Landed landed =
        early.fetch(parcel.id(), List.of(Planes.remote(leader)), Planes.LONG, Proof.SHA_256);
    early.offer(new Parcel(parcel.id(), landed.bytes(), landed::close));
    planes.stop(leader);

    take(late, parcel.id(), Planes.remote(early));
  }
}
