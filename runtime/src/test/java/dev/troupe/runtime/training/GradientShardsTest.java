package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A step's gradient is the same to the bit whoever computes its shards, and when. */
class GradientShardsTest {
  private static final DecoderConfig CONFIG = TinyDecoders.qwen2();
  private static final List<TrainingSequence> SEQUENCES = EagerTraining.ragged(CONFIG, 11);
  private static final int STEPS = 2;

  /** So few that a shard of two or three sequences has several micro-batches. */
  private static final int BUDGET = 12;

  private static Accelerator accelerator;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 2);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  /** What a few steps leave. */
  private record Outcome(List<StepReport> reports, String weights, String moments) {
    static Outcome of(Trainer trainer, List<StepReport> reports) {
      return new Outcome(
          reports, trainer.current().digest(), WeightsDigest.of(trainer.optimizer().toHost()));
    }
  }

  @ParameterizedTest(name = "{0}, adapters {1}, recompute {2}")
  @CsvSource({
    "FP32, false, false",
    "FP32, true, false",
    "FP32, false, true",
    "BF16, false, false",
    "BF16, true, true"
  })
  void theNumberOfLanesDoesNotShow(NumericType compute, boolean adapters, boolean recompute) {
    TrainerSettings settings = settings(compute, adapters, recompute);
    Outcome expected = null;
    for (int threads : new int[] {1, 2, 3}) {
      try (Accelerator other = Accelerator.of("cpu", threads);
          Trainer trainer = trainer(other, settings)) {
        var reports = new ArrayList<StepReport>();
        for (int step = 0; step < STEPS; step++) {
          reports.add(step(trainer, GradientShardsTest::measuredLoss));
        }
        Outcome outcome = Outcome.of(trainer, reports);
        expected = expected == null ? outcome : expected;
        assertEquals(expected, outcome, threads + " threads");
        assertEquals(11.0, reports.get(0).tally().sum("rows"));
        assertTrue(reports.get(0).microBatches() > 4, "shards were meant to have several");
      }
    }
  }

  /** So wide that libtorch divides operators among threads where it may. */
  @ParameterizedTest
  @EnumSource(NumericType.class)
  void theNumberOfThreadsDoesNotShowInAWideDecoder(NumericType compute) {
    DecoderConfig wide = DecoderConfig.llama(512, 128, 2, 4, 4, 352, 128);
    var random = new Random(4);
    List<TrainingSequence> sequences =
        IntStream.range(0, 16)
            .mapToObj(i -> new TrainingSequence(random.ints(80 + i, 0, 512).toArray(), 1))
            .toList();
    TrainerSettings settings = TrainerSettings.of(LearningRate.constant(0.01)).withCompute(compute);
    String digest = null;
    List<float[]> logps = null;
    for (int threads : new int[] {1, 2}) {
      try (Accelerator other = Accelerator.of("cpu", threads);
          DecoderWeights weights = DecoderWeights.random(other, wide, 3);
          Trainer trainer = new Trainer(weights, settings)) {
        trainer.step(sequences, Selection.RESPONSE, 1, batch -> batch.logpBT().sum());
        List<float[]> read = trainer.logps(sequences, 1);
        if (digest != null) {
          assertEquals(digest, trainer.current().digest());
          for (int i = 0; i < read.size(); i++) {
            assertArrayEquals(logps.get(i), read.get(i));
          }
        }
        digest = trainer.current().digest();
        logps = read;
      }
    }
  }

  @Test
  void learnersThatShareAStepTakeTheSameStep() {
    TrainerSettings settings = settings(NumericType.FP32, false, false);
    try (Trainer alone = trainer(accelerator, settings);
        Trainer first = trainer(accelerator, settings);
        Trainer second = trainer(accelerator, settings)) {
      StepReport expected = step(alone, GradientShardsTest::measuredLoss);
      int shards = first.shards(SEQUENCES);
      assertEquals(4, shards);
      // The first has shards 1 and 2, which are no node of the tree together; the second the rest.
      try (ShardTree tree = shards(first, 1, 3);
          ShardTree last = shards(second, 3, 4);
          ShardTree begin = shards(second, 0, 1)) {
        assertEquals(
            List.of(new ShardRange(1, 2), new ShardRange(2, 3)),
            tree.nodes().stream().map(GradientSum::range).toList());
        for (ShardTree part : List.of(last, begin)) {
          for (GradientSum sum : part.nodes()) {
            tree.add(first.received(sum.range(), sum.totals(), sum.values()));
          }
        }
        assertTrue(tree.isWhole());
        // The second takes the whole up from the first, and both take the step.
        GradientSum whole = tree.nodes().get(0);
        var copy = new ShardTree(shards);
        copy.add(second.received(whole.range(), whole.totals(), whole.values()));
        try (PendingStep one = first.prepare(tree);
            PendingStep two = second.prepare(copy)) {
          assertEquals(expected, one.apply());
          assertEquals(expected, two.apply());
        }
      }
      Outcome outcome = Outcome.of(alone, List.of());
      assertEquals(outcome, Outcome.of(first, List.of()));
      assertEquals(outcome, Outcome.of(second, List.of()));
    }
  }

  @Test
  void neighboursAreAddedInPairs() {
    // In a row: 1 + 2^-24 rounds to 1, three times. In pairs: 1 + 2^-24 is 1, 2^-24 + 2^-24 = 2^-23
    // is exact, and so is 1 + 2^-23.
    float tiny = 0x1p-24f;
    float[] shards = {1, tiny, tiny, tiny};
    assertEquals(1f, 1 + tiny + tiny + tiny);
    for (List<Integer> order : List.of(List.of(0, 1, 2, 3), List.of(3, 1, 0, 2))) {
      assertEquals(1 + 0x1p-23f, sum(shards, order));
    }
    // Without the fourth: (1 + 2^-24) + 2^-24 = 1, where 1 + (2^-24 + 2^-24) would be 1 + 2^-23.
    assertEquals(1f, sum(new float[] {1, tiny, tiny}, List.of(2, 1, 0)));
    // Five: (2^-24 + 0) + (0 + 2^-24) = 2^-23, then the last alone: 2^-23 + 1.
    assertEquals(1 + 0x1p-23f, sum(new float[] {tiny, 0, 0, tiny, 1}, List.of(4, 0, 3, 2, 1)));
  }

  @Test
  void aStepIsDividedByTokensAndEveryShardHasWork() {
    TrainerSettings settings =
        TrainerSettings.of(LearningRate.constant(0)).withMicroBatches(100, 1, true, false);
    // Inputs of 9, 1, 1, 1, 9, 3 tokens, 24 in all, so shards of 6: the borders closest to 6, 12
    // and
    // 18 tokens are behind 9, 12 (or 9 + 1 + 1 + 1) and 21.
    assertEquals(
        List.of(
            List.of(List.of(0)),
            List.of(List.of(1, 2, 3)),
            List.of(List.of(4)),
            List.of(List.of(5))),
        layout(settings, 9, 1, 1, 1, 9, 3));
    // One long sequence takes more than a share; those behind it still get a shard each.
    assertEquals(
        List.of(List.of(List.of(0)), List.of(List.of(1)), List.of(List.of(2)), List.of(List.of(3))),
        layout(settings, 90, 1, 1, 1));
    assertEquals(
        List.of(List.of(List.of(0)), List.of(List.of(1)), List.of(List.of(2)), List.of(List.of(3))),
        layout(settings, 1, 1, 1, 90));
    // Fewer sequences than shards: one each.
    assertEquals(List.of(List.of(List.of(0)), List.of(List.of(1))), layout(settings, 5, 5));
    // Units of two stay together, and a shard is cut by budget: 2 x 60 tokens do not fit 100.
    assertEquals(
        List.of(List.of(List.of(0, 1), List.of(2, 3)), List.of(List.of(4, 5), List.of(6, 7))),
        layout(
            settings.withShards(2).withMicroBatches(100, 2, true, false),
            30,
            30,
            30,
            30,
            30,
            30,
            30,
            30));
  }

  @Test
  void aShardThatFailsLeavesNothingBehind() {
    TrainerSettings settings = settings(NumericType.FP32, false, false);
    try (Trainer undisturbed = trainer(accelerator, settings);
        Trainer disturbed = trainer(accelerator, settings)) {
      for (int calls = 1; calls < 8; calls += 3) {
        var left = new AtomicInteger(calls);
        var error =
            assertThrows(
                IllegalStateException.class,
                () ->
                    step(
                        disturbed,
                        batch -> {
                          if (left.decrementAndGet() < 0) {
                            throw new IllegalStateException("no loss today");
                          }
                          return measuredLoss(batch);
                        }));
        assertEquals("no loss today", error.getMessage());
      }
      assertEquals(
          step(undisturbed, GradientShardsTest::measuredLoss),
          step(disturbed, GradientShardsTest::measuredLoss));
      assertEquals(Outcome.of(undisturbed, List.of()), Outcome.of(disturbed, List.of()));
    }
  }

  @Test
  void refusesShardsThatDoNotBelongToTheStep() {
    TrainerSettings settings = settings(NumericType.FP32, false, false);
    try (Trainer trainer = trainer(accelerator, settings);
        Trainer adapting = trainer(accelerator, settings(NumericType.FP32, true, false));
        ShardTree tree = shards(trainer, 0, 2);
        ShardTree again = shards(trainer, 1, 2);
        ShardTree other = shards(adapting, 3, 4)) {
      var missing = assertThrows(IllegalStateException.class, () -> trainer.prepare(tree));
      assertEquals(
          "of the gradient of 4 shards there are only those of [ShardRange[from=0, to=2]]",
          missing.getMessage());
      assertThrows(IllegalArgumentException.class, () -> tree.add(again.nodes().get(0)));
      assertThrows(IllegalArgumentException.class, () -> shards(trainer, 3, 5));
      GradientSum foreign = other.nodes().get(0);
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> trainer.received(foreign.range(), foreign.totals(), foreign.values()));
      assertTrue(error.getMessage().startsWith("a gradient of another decoder was received"));
      GradientSum own = again.nodes().get(0);
      try (GradientSum noNode = trainer.received(new ShardRange(1, 3), own.totals(), own.values());
          var fresh = new ShardTree(4)) {
        var wrong = assertThrows(IllegalArgumentException.class, () -> fresh.add(noNode));
        assertEquals("shards 1 to 2 are no node of a tree of 4", wrong.getMessage());
      }
    }
    var odd = assertThrows(IllegalArgumentException.class, () -> settings.withShards(3));
    assertEquals("gradient shards = 3 is not a power of two", odd.getMessage());
  }

  @Test
  void theNumberOfShardsChangesTheRoundingAlone() {
    TrainerSettings settings = settings(NumericType.FP32, false, false);
    try (Trainer four = trainer(accelerator, settings);
        Trainer one = trainer(accelerator, settings.withShards(1))) {
      StepReport expected = step(one, GradientShardsTest::measuredLoss);
      StepReport report = step(four, GradientShardsTest::measuredLoss);
      // Rounding of float32 in another order, relative to the largest parts of the sums.
      assertEquals(expected.loss(), report.loss(), 1e-5 * Math.abs(expected.loss()));
      assertEquals(expected.gradientNorm(), report.gradientNorm(), 1e-5 * report.gradientNorm());
      assertNotEquals(one.current().digest(), four.current().digest());
    }
  }

  /** The first value of the gradient that is added up from shards that come in some order. */
  private static float sum(float[] firstValues, List<Integer> order) {
    TrainerSettings settings = settings(NumericType.FP32, false, false);
    try (Trainer trainer = trainer(accelerator, settings);
        ShardTree some = shards(trainer, 0, 1);
        ShardTree tree = new ShardTree(firstValues.length)) {
      GradientSum model = some.nodes().get(0);
      for (int shard : order) {
        List<ByteBuffer> values =
            model.values().stream()
                .map(bytes -> ByteBuffer.allocate(bytes.remaining()).order(ByteOrder.nativeOrder()))
                .toList();
        values.get(0).putFloat(0, firstValues[shard]);
        tree.add(trainer.received(new ShardRange(shard, shard + 1), model.totals(), values));
      }
      assertTrue(tree.isWhole());
      return tree.nodes().get(0).values().get(0).order(ByteOrder.nativeOrder()).getFloat(0);
    }
  }

  private static List<List<List<Integer>>> layout(TrainerSettings settings, int... inputs) {
    List<TrainingSequence> sequences =
        IntStream.of(inputs).mapToObj(n -> new TrainingSequence(new int[n + 1], 1)).toList();
    return ShardLayout.of(sequences, Selection.RESPONSE, settings).shards().stream()
        .map(shard -> shard.stream().map(rows -> IntStream.of(rows).boxed().toList()).toList())
        .toList();
  }

  private static NDArray measuredLoss(MicroBatch batch) {
    batch.tally().add("rows", batch.rows().length);
    batch.tally().add("logp", batch.logpBT().stopGradient().sum().getFloat());
    batch.tally().raise("width", batch.width());
    return EagerTraining.mixedLoss(batch);
  }

  private static StepReport step(Trainer trainer, LossFunction loss) {
    return trainer.step(SEQUENCES, Selection.RESPONSE, EagerTraining.TEMPERATURE, loss);
  }

  private static ShardTree shards(Trainer trainer, int from, int to) {
    return trainer.prepareShards(
        SEQUENCES,
        Selection.RESPONSE,
        EagerTraining.TEMPERATURE,
        GradientShardsTest::measuredLoss,
        new ShardRange(from, to));
  }

  private static TrainerSettings settings(
      NumericType compute, boolean adapters, boolean recompute) {
    TrainerSettings settings =
        TrainerSettings.of(LearningRate.constant(0.01))
            .withCompute(compute)
            .withMicroBatches(BUDGET, 1, true, recompute);
    return adapters
        ? settings.withAdapters(new LoraSettings(2, 4, EnumSet.of(Target.Q, Target.DOWN)), 3)
        : settings;
  }

  private static Trainer trainer(Accelerator where, TrainerSettings settings) {
    try (DecoderWeights weights = TinyDecoders.weights(where, CONFIG, 12)) {
      return new Trainer(weights, settings);
    }
  }
}
