package dev.troupe.actors.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.transport.DataPlane;
import dev.troupe.runtime.transport.PlaneCount;
import dev.troupe.runtime.transport.PlaneSettings;
import dev.troupe.runtime.transport.SharedSecret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class AeronExchangeTest {
  private static final SharedSecret SECRET = SharedSecret.of("a secret of the tests alone");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final DecoderConfig CONFIG = DecoderConfig.llama(64, 32, 2, 4, 2, 64, 32);
  private static Accelerator accelerator;

  @TempDir private Path folder;
  private final List<Node> nodes = new ArrayList<>();

  /** A node as the cluster makes it, but for the messages between the books. */
  private final class Node implements AutoCloseable {
    final DataPlane plane;
    final HolderBook book;
    final AeronExchange exchange;

    Node(String name, boolean areDeltasOffered, Duration patience) {
      String host = "127.0.0." + (nodes.size() + 1);
      plane = new DataPlane(PlaneSettings.of(host, 0, folder.resolve(name), SECRET));
      book = new HolderBook(name, plane.place().endpoint());
      exchange =
          new AeronExchange(
              plane, accelerator, book, new AeronExchange.Options(patience, areDeltasOffered));
      nodes.add(this);
      book.whenChanged(() -> nodes.forEach(other -> other.hear(this)));
      nodes.forEach(this::hear);
    }

    private void hear(Node speaker) {
      if (speaker != this) {
        book.note(speaker.book.word());
      }
    }

    String digestOf(PolicyVersion version) {
      try (WeightsExchange.Loan loan = exchange.borrow(version)) {
        return loan.weights().digest();
      }
    }

    @Override
    public void close() {
      exchange.close();
      plane.close();
    }
  }

  private Node node(String name) {
    return new Node(name, false, PATIENCE);
  }

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void closeDevice() {
    accelerator.close();
  }

  @AfterEach
  void close() {
    nodes.forEach(Node::close);
  }

  private static DecoderWeights weights(long seed) {
    return DecoderWeights.random(accelerator, CONFIG, seed);
  }

  private static PolicyVersion version(long number, DecoderWeights weights) {
    return new PolicyVersion(0, number, weights.digest());
  }

  private static void until(String what, BooleanSupplier holds) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() - deadline < 0, what);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void whatOneNodePublishesAnotherOneBorrows() {
    Node learner = node("learner");
    Node generator = node("generator");
    DecoderWeights weights = weights(1);
    PolicyVersion version = version(3, weights);

    learner.exchange.publish(version, weights, WeightPrecision.INT8);

    try (WeightsExchange.Loan loan = generator.exchange.borrow(version)) {
      assertEquals(version.digest(), loan.weights().digest());
      assertEquals(CONFIG, loan.weights().config());
      assertEquals(WeightPrecision.INT8, loan.precision());
    }
    assertEquals(version.digest(), learner.digestOf(version));
    assertEquals(1, generator.exchange.traffic().versions());
  }

  @Test
  void whoDoesNotWaitGetsAVersionOnceItHasArrived() {
    Node learner = node("learner");
    Node generator = node("generator");
    DecoderWeights first = weights(5);
    PolicyVersion version = version(0, first);
    var unknown = new PolicyVersion(0, 1, "1".repeat(64));
    learner.exchange.publish(version, first);

    assertTrue(generator.exchange.borrowIfHere(version).isEmpty(), "it came in no time");
    var lent = new AtomicReference<WeightsExchange.Loan>();
    until(
        "the weights do not arrive",
        () -> {
          generator.exchange.borrowIfHere(version).ifPresent(lent::set);
          return lent.get() != null;
        });
    try (WeightsExchange.Loan loan = lent.get()) {
      assertEquals(version.digest(), loan.weights().digest());
    }
    assertTrue(learner.exchange.borrowIfHere(unknown).isEmpty(), "nobody published it");
  }

  @Test
  void whatItsPublisherWithdrawsIsDroppedEverywhere() {
    Node learner = node("learner");
    Node generator = new Node("generator", false, Duration.ofMillis(200));
    DecoderWeights weights = weights(1);
    PolicyVersion version = version(3, weights);
    learner.exchange.publish(version, weights);
    generator.digestOf(version);

    learner.exchange.withdraw(version);

    until("the copy is dropped", () -> generator.book.word().versions().isEmpty());
    var refusal =
        assertThrows(IllegalStateException.class, () -> generator.exchange.borrow(version));
    assertTrue(refusal.getMessage().contains(version.toString()), refusal.getMessage());
  }

  @Test
  void aLateJoinerBorrowsFromAnyHolderWhenThePublisherIsGone() {
    Node learner = node("learner");
    Node generator = node("generator");
    DecoderWeights weights = weights(1);
    PolicyVersion version = version(3, weights);
    learner.exchange.publish(version, weights);
    generator.digestOf(version);
    learner.plane.close();

    assertEquals(version.digest(), node("late").digestOf(version));
  }

  @Test
  void withAdaptersTheBaseMovesOnce() {
    Node learner = node("learner");
    Node generator = node("generator");
    var lora = new LoraSettings(2, 4, Set.of(LoraSettings.Target.Q, LoraSettings.Target.V));
    DecoderWeights first = weights(1).withAdapters(lora, 7);
    DecoderWeights second = first.copy();
    nudge(second, second.trainable(), 1e-3f);
    PolicyVersion one = version(1, first);
    PolicyVersion two = version(2, second);
    learner.exchange.publish(one, first);
    learner.exchange.publish(two, second);

    assertEquals(one.digest(), generator.digestOf(one));
    long withBase = generator.exchange.traffic().bytes();
    assertEquals(two.digest(), generator.digestOf(two));

    long adapters = generator.exchange.traffic().bytes() - withBase;
    // Rank 2 on Q (32 to 32) and V (32 to 16) of two layers: 2 * 2 * (64 + 48) floats, and the
    // manifest, which is longer than they are in so small a decoder.
    assertTrue(adapters < 4 * 448 + 3000, adapters + " bytes");
    assertTrue(adapters < withBase / 10, adapters + " of " + withBase);
    assertEquals(lora, loraOf(generator, two));
  }

  private static LoraSettings loraOf(Node node, PolicyVersion version) {
    try (WeightsExchange.Loan loan = node.exchange.borrow(version)) {
      return loan.weights().lora();
    }
  }

  /** Adds a little to every element of some slots. */
  private static void nudge(DecoderWeights weights, boolean[] slots, float by) {
    NDArray[] arrays = weights.arrays();
    for (int i = 0; i < arrays.length; i++) {
      if (slots[i] && arrays[i].size() > 0) {
        try (NDArray nudged = arrays[i].add(by)) {
          weights.assign(i, nudged);
        }
      }
    }
  }

  @Test
  void aDeltaMovesWhatChangedAndNothingElse() {
    Node learner = new Node("learner", true, PATIENCE);
    Node generator = new Node("generator", true, PATIENCE);
    DecoderWeights first = weights(1);
    DecoderWeights second = first.copy();
    boolean[] last = new boolean[second.arrays().length];
    last[1] = true;
    nudge(second, last, 1e-3f);
    PolicyVersion one = version(1, first);
    PolicyVersion two = version(2, second);
    learner.exchange.publish(one, first);
    assertEquals(one.digest(), generator.digestOf(one));
    long whole = generator.exchange.traffic().bytes();

    learner.exchange.publish(two, second);

    assertEquals(two.digest(), generator.digestOf(two));
    long delta = generator.exchange.traffic().bytes() - whole;
    assertTrue(delta < whole / 4, delta + " of " + whole);
    // A node that lacks the start takes the whole.
    Node late = new Node("late", true, PATIENCE);
    assertEquals(two.digest(), late.digestOf(two));
    assertTrue(late.exchange.traffic().bytes() >= whole - 100);
  }

  @Test
  void weightsWithoutTheirDigestAreNeverHandedOut() {
    Node learner = node("learner");
    Node generator = node("generator");
    PolicyVersion claimed = new PolicyVersion(0, 1, "0".repeat(64));
    learner.exchange.publish(claimed, weights(1));

    var refusal =
        assertThrows(IllegalStateException.class, () -> generator.exchange.borrow(claimed));

    assertTrue(refusal.getMessage().contains("digest"), refusal.getMessage());
    assertEquals(1, generator.plane.count(PlaneCount.UNPROVED));
  }

  @Test
  void laterVersionsComeByCast() {
    Node learner = node("learner");
    Node generator = node("generator");
    for (int number = 0; number < 3; number++) {
      DecoderWeights weights = weights(number);
      PolicyVersion version = version(number, weights);
      learner.exchange.publish(version, weights);
      assertEquals(version.digest(), generator.digestOf(version));
    }
    assertEquals(3, generator.exchange.traffic().versions());
  }
}
