package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import dev.troupe.runtime.model.TinyDecoders;
import dev.troupe.runtime.transport.Circle;
import dev.troupe.runtime.transport.DataPlane;
import dev.troupe.runtime.transport.PlaneSettings;
import dev.troupe.runtime.transport.SharedSecret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Learners that share their steps over the data plane compute what one computes alone. */
@Timeout(120)
class SharedTrainingTest {
  private static final DecoderConfig CONFIG = TinyDecoders.qwen2();
  private static final List<TrainingSequence> SEQUENCES = EagerTraining.ragged(CONFIG, 11);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int MOST = 4;
  private static final int BUDGET = 12;

  @TempDir private static Path folder;
  private static final List<DataPlane> planes = new ArrayList<>();
  private static final ExecutorService threads = Executors.newCachedThreadPool();
  private static Accelerator accelerator;
  private static int circles;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
    SharedSecret secret = SharedSecret.of("a secret of the tests alone");
    for (int i = 1; i <= MOST; i++) {
      planes.add(
          new DataPlane(PlaneSettings.of("127.0.0." + i, 0, folder.resolve("driver" + i), secret)));
    }
  }

  @AfterAll
  static void close() {
    planes.forEach(DataPlane::close);
    threads.shutdownNow();
    accelerator.close();
  }

  /** One learner of several. */
  private record Member(Circle circle, Trainer trainer) {}

  private static <T> List<T> together(int learners, TrainerSettings settings, Work<T> work)
      throws Exception {
    String key = "%064x".formatted(++circles);
    var membership =
        new Circle.Membership(
            key, 0, planes.subList(0, learners).stream().map(DataPlane::place).toList());
    var end = new CyclicBarrier(learners);
    List<Future<T>> all =
        IntStream.range(0, learners)
            .mapToObj(
                rank ->
                    threads.submit(
                        () -> {
                          var circle = new Circle(planes.get(rank), membership, rank, PATIENCE);
                          try (DecoderWeights start =
                                  DecoderWeights.random(accelerator, CONFIG, 5);
                              Trainer trainer = new Trainer(start, settings, circle);
                              circle) {
                            T result = work.of(new Member(circle, trainer));
                            // Nobody leaves before all have what they need.
                            end.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                            return result;
                          }
                        }))
            .toList();
    var results = new ArrayList<T>();
    for (Future<T> one : all) {
      results.add(one.get(60, TimeUnit.SECONDS));
    }
    return results;
  }

  /** What a learner does. */
  private interface Work<T> {
    T of(Member member);
  }

  private static <T> T alone(TrainerSettings settings, Function<Trainer, T> work) {
    try (DecoderWeights start = DecoderWeights.random(accelerator, CONFIG, 5);
        Trainer trainer = new Trainer(start, settings)) {
      return work.apply(trainer);
    }
  }

  private static TrainerSettings settings() {
    return TrainerSettings.of(LearningRate.constant(1e-2)).withMicroBatches(BUDGET, 1, true, false);
  }

  private static List<StepReport> steps(
      Trainer trainer, List<TrainingSequence> sequences, int count) {
    var reports = new ArrayList<StepReport>();
    for (int step = 0; step < count; step++) {
      reports.add(
          trainer.step(sequences, Selection.RESPONSE, 0.9, SharedTrainingTest::measuredLoss));
    }
    return reports;
  }

  private static NDArray measuredLoss(MicroBatch batch) {
    batch.tally().add("rows", batch.rows().length);
    return EagerTraining.mixedLoss(batch);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void stepsThatAreSharedHaveTheBitsOfOneLearnerAlone(int learners) throws Exception {
    record Outcome(List<StepReport> reports, String weights) {}
    Outcome expected =
        alone(
            settings(),
            trainer -> {
              List<StepReport> reports = steps(trainer, SEQUENCES, 3);
              return new Outcome(reports, trainer.current().digest());
            });

    List<Outcome> outcomes =
        together(
            learners,
            settings(),
            member -> {
              List<StepReport> reports = steps(member.trainer(), SEQUENCES, 3);
              return new Outcome(reports, member.trainer().current().digest());
            });

    for (Outcome outcome : outcomes) {
      assertEquals(expected, outcome);
    }
    assertEquals(11.0, expected.reports().get(0).tally().sum("rows"));
  }

  @Test
  void learnersWithoutAShardStillUpdateTheirPart() throws Exception {
    List<TrainingSequence> two = SEQUENCES.subList(0, 2);
    String expected =
        alone(
            settings(),
            trainer -> {
              steps(trainer, two, 2);
              return trainer.current().digest();
            });

    List<String> digests =
        together(
            MOST,
            settings(),
            member -> {
              steps(member.trainer(), two, 2);
              return member.trainer().current().digest();
            });

    assertEquals(List.of(expected, expected, expected, expected), digests);
  }

  @Test
  void adaptersAreSharedToo() throws Exception {
    TrainerSettings settings =
        settings().withAdapters(new LoraSettings(4, 8, EnumSet.of(Target.Q, Target.DOWN)), 3);
    String expected =
        alone(
            settings,
            trainer -> {
              steps(trainer, SEQUENCES, 2);
              return trainer.current().digest();
            });

    assertEquals(
        List.of(expected, expected),
        together(
            2,
            settings,
            member -> {
              steps(member.trainer(), SEQUENCES, 2);
              return member.trainer().current().digest();
            }));
  }

  @Test
  void aCheckpointOfAnyNumberOfLearnersIsTakenUpByAnyOther() throws Exception {
    record Saved(List<HostTensor> weights, List<HostTensor> moments) {}
    String expected =
        alone(
            settings(),
            trainer -> {
              steps(trainer, SEQUENCES, 3);
              return trainer.current().digest();
            });
    String moments =
        alone(
            settings(),
            trainer -> {
              steps(trainer, SEQUENCES, 2);
              return WeightsDigest.of(trainer.optimizer().toHost());
            });

    List<Saved> saved =
        together(
            3,
            settings(),
            member -> {
              steps(member.trainer(), SEQUENCES, 2);
              if (member.circle().rank() > 0) {
                member.trainer().assist();
                return new Saved(List.of(), List.of());
              }
              return new Saved(
                  member.trainer().current().toHost(), member.trainer().optimizer().toHost());
            });
    assertEquals(moments, WeightsDigest.of(saved.get(0).moments()));
    List<String> digests =
        together(
            2,
            settings(),
            member -> {
              try (DecoderWeights weights =
                  DecoderWeights.of(accelerator, CONFIG, byName(saved.get(0).weights()))) {
                member.trainer().restore(weights);
              }
              member.trainer().optimizer().restore(byName(saved.get(0).moments()), 2);
              steps(member.trainer(), SEQUENCES, 1);
              return member.trainer().current().digest();
            });

    assertEquals(List.of(expected, expected), digests);
  }

  private static Map<String, HostTensor> byName(List<HostTensor> tensors) {
    return tensors.stream().collect(Collectors.toMap(HostTensor::name, it -> it));
  }

  @Test
  void aStepThatIsNotFiniteIsRefusedByEveryone() {
    var failure =
        assertThrows(
            ExecutionException.class,
            () ->
                together(
                    2,
                    settings(),
                    member -> {
                      String before = member.trainer().current().digest();
                      assertThrows(
                          ArithmeticException.class,
                          () ->
                              member
                                  .trainer()
                                  .step(
                                      SEQUENCES,
                                      Selection.RESPONSE,
                                      1,
                                      batch ->
                                          measuredLoss(batch)
                                              .mul(batch.manager().create(Float.NaN))));
                      assertEquals(before, member.trainer().current().digest());
                      throw new IllegalStateException("refused by both");
                    }));
    assertInstanceOf(IllegalStateException.class, failure.getCause());
    assertEquals("refused by both", failure.getCause().getMessage());
  }

  @Test
  void aStepMovesOnlyAFewBytesMoreThanGradientsAndWeights() throws Exception {
    List<Long> bytes =
        together(
            2,
            settings(),
            member -> {
              steps(member.trainer(), SEQUENCES, 1);
              return member.circle().bytesTaken();
            });
    long all = Float.BYTES * CONFIG.parameters();
    // Of two learners each takes its part of the other's gradient and the other's part of the
    // weights: together the size of the model, with heads and seals of less than a KiB.
    for (long taken : bytes) {
      assertTrue(taken <= 2 * all, taken + " of " + all);
    }
    assertTrue(bytes.get(0) + bytes.get(1) - 2 * all < 4096, bytes + " of " + all);
  }
}
