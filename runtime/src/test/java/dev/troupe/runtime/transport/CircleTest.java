package dev.troupe.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class CircleTest {
  private static final String KEY = "5a".repeat(32);
  private static final Duration SHORT = Duration.ofMillis(500);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Circle> circles = new ArrayList<>();
  private Planes planes;

  @BeforeEach
  void open() throws IOException {
    planes = new Planes();
  }

  @AfterEach
  void close() {
    circles.forEach(Circle::close);
    threads.shutdownNow();
    planes.close();
  }

  private void circle(int members, Duration patience) {
    circle(IntStream.range(0, members).mapToObj(rank -> planes.start()).toList(), patience);
  }

  private void circle(List<DataPlane> nodes, Duration patience) {
    List<Place> places = nodes.stream().map(Planes::remote).toList();
    for (int rank = 0; rank < nodes.size(); rank++) {
      circles.add(
          new Circle(nodes.get(rank), new Circle.Membership(KEY, 0, places), rank, patience));
    }
  }

  private <T> List<T> together(IntFunction<T> work) throws Exception {
    List<Future<T>> all =
        IntStream.range(0, circles.size())
            .mapToObj(rank -> threads.submit(() -> work.apply(rank)))
            .toList();
    var results = new ArrayList<T>();
    for (Future<T> one : all) {
      results.add(one.get(30, TimeUnit.SECONDS));
    }
    return results;
  }

  private static Segments longs(long... values) {
    ByteBuffer memory =
        ByteBuffer.allocateDirect(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      memory.putLong(value);
    }
    return Segments.of(List.of(memory.flip()));
  }

  private static long onlyLong(Circle.Taken taken) {
    try (taken) {
      assertEquals(Long.BYTES, taken.length());
      return taken.slice(0, Long.BYTES).getLong();
    }
  }

  @Test
  void eachMemberGetsWhatEachOtherGaveToIt() throws Exception {
    circle(3, Planes.LONG);

    List<List<Circle.Taken>> taken =
        together(
            rank ->
                circles
                    .get(rank)
                    .swap(
                        "numbers",
                        IntStream.range(0, 3).mapToObj(to -> longs(10 * rank + to)).toList()));

    for (int rank = 0; rank < 3; rank++) {
      for (int from = 0; from < 3; from++) {
        if (from != rank) {
          assertEquals(10 * from + rank, onlyLong(taken.get(rank).get(from)));
        }
      }
    }
  }

  @Test
  void manyExchangesFollowEachOtherAndTheMemoryOfOneIsFreeAfterTheNext() throws Exception {
    int rounds = 40;
    circle(2, Planes.LONG);

    List<Long> sums =
        together(
            rank -> {
              // Two buffers in turn: what is given in one exchange is overwritten two later.
              List<ByteBuffer> buffers =
                  List.of(ByteBuffer.allocateDirect(1 << 16), ByteBuffer.allocateDirect(1 << 16));
              long sum = 0;
              for (int round = 0; round < rounds; round++) {
                ByteBuffer buffer = buffers.get(round % 2).order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i < buffer.capacity(); i += Long.BYTES) {
                  buffer.putLong(i, 1000L * rank + round);
                }
                for (Circle.Taken taken :
                    circles.get(rank).share("round " + round, Segments.of(List.of(buffer)))) {
                  if (taken != null) {
                    try (taken) {
                      sum += taken.slice(taken.length() - Long.BYTES, Long.BYTES).getLong();
                    }
                  }
                }
              }
              return sum;
            });

    long all = IntStream.range(0, rounds).sum();
    assertEquals(List.of(1000L * rounds + all, all), sums);
  }

  @Test
  void oneCollectsWhatTheOthersContribute() throws Exception {
    circle(3, Planes.LONG);

    List<Long> collected =
        together(
            rank -> {
              if (rank != 1) {
                circles.get(rank).contribute(1, longs(rank));
                circles.get(rank).share("the end", longs()).forEach(CircleTest::closeIfThere);
                return -1L;
              }
              List<Circle.Taken> taken = circles.get(1).collect("numbers");
              long both = 10 * onlyLong(taken.get(0)) + onlyLong(taken.get(2));
              circles.get(1).share("the end", longs()).forEach(CircleTest::closeIfThere);
              return both;
            });

    assertEquals(List.of(-1L, 2L, -1L), collected);
  }

  private static void closeIfThere(Circle.Taken taken) {
    if (taken != null) {
      taken.close();
    }
  }

  @Test
  void whatIsCorruptOnTheWayIsSentAgain() throws Exception {
    var chunks = new AtomicInteger();
    UnaryOperator<io.aeron.logbuffer.FragmentHandler> tap =
        reader ->
            (buffer, offset, length, header) -> {
              var copy = new UnsafeBuffer(new byte[length]);
              buffer.getBytes(offset, copy, 0, length);
              if (length > Chunk.HEADER
                  && buffer.getByte(offset + Chunk.KIND_AT) == Chunk.KIND
                  && chunks.incrementAndGet() == 2) {
                copy.putByte(length - 1, (byte) (copy.getByte(length - 1) ^ 1));
              }
              reader.onFragment(copy, 0, length, header);
            };
    DataPlane disturbed = planes.start(Planes.SECRET, tap);
    circle(List.of(planes.start(), disturbed), Planes.LONG);
    long[] many = new long[1 << 16];
    java.util.Arrays.setAll(many, i -> i * 31L);

    List<Long> last =
        together(
            rank -> {
              Circle.Taken taken = circles.get(rank).share("many", longs(many)).get(1 - rank);
              try (taken) {
                return taken.slice(taken.length() - Long.BYTES, Long.BYTES).getLong();
              }
            });

    assertEquals(List.of(31L * 65535, 31L * 65535), last);
    assertEquals(1, disturbed.count(PlaneCount.CORRUPT));
  }

  @Test
  void aConversationThatTheOtherSideHasForgottenIsBegunAnew() throws Exception {
    int sessionAt = 12;
    var first = new AtomicLong();
    var isForgotten = new AtomicBoolean();
    UnaryOperator<io.aeron.logbuffer.FragmentHandler> tap =
        reader ->
            (buffer, offset, length, header) -> {
              boolean isChunk = buffer.getByte(offset + Chunk.KIND_AT) == Chunk.KIND;
              long session = isChunk ? 0 : buffer.getLong(offset + sessionAt);
              first.compareAndSet(0, session);
              if (!isForgotten.get() || session != first.get()) {
                reader.onFragment(buffer, offset, length, header);
              }
            };
    circle(List.of(planes.start(), planes.start(Planes.SECRET, tap)), Planes.LONG);
    together(rank -> onlyLong(circles.get(rank).share("before", longs(rank)).get(1 - rank)));

    isForgotten.set(true);

    assertEquals(
        List.of(1L, 0L),
        together(rank -> onlyLong(circles.get(rank).share("after", longs(rank)).get(1 - rank))));
  }

  @Test
  void aMemberThatGivesNothingIsNamedWhenTheDeadlineIsOver() {
    circle(2, SHORT);

    TransportException failure =
        assertThrows(
            TransportException.class, () -> circles.get(0).share("its gradient", longs(1)));

    assertTrue(
        failure.getMessage().startsWith("learner 2 of 2 at 127.0.0.2"), failure.getMessage());
    assertTrue(failure.getMessage().contains("did not give its gradient"), failure.getMessage());
  }

  @Test
  void anAbandonedCircleEndsItsWaitsWithTheReason() throws Exception {
    circle(2, Planes.LONG);
    Future<List<Circle.Taken>> waiting =
        threads.submit(() -> circles.get(0).share("its gradient", longs(1)));
    Planes.until("the wait has begun", () -> circles.get(0).isWaiting());

    circles.get(0).abandon("learner 2 is out of reach");

    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> waiting.get(5, TimeUnit.SECONDS));
    assertInstanceOf(TransportException.class, failure.getCause());
    assertEquals("learner 2 is out of reach", failure.getCause().getMessage());
    assertEquals(
        "learner 2 is out of reach",
        assertThrows(TransportException.class, () -> circles.get(0).share("its gradient", longs(1)))
            .getMessage());
  }
}
