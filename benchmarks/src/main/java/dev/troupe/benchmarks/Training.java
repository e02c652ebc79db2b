package dev.troupe.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.program.TensorProgram;
import dev.troupe.runtime.training.LearningRate;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainerSettings;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Training steps on 32 x 128 tokens: forward, backward, clipping and AdamW; and their parts. */
final class Training implements AutoCloseable {
  static final String EAGER = "eager";
  static final String PRODUCTS = "products";
  static final String ATTENTION = "attention";
  static final String RECOMPUTE = " recompute";

  private static final double RATE = 1e-4;

  private final Workload workload;
  private final TensorProgram parts;
  private final NDManager manager;
  private final EagerTraining eager;
  private final List<Trainer> trainers = new ArrayList<>();
  private final List<Measure> measures = new ArrayList<>();

  Training(Workload workload, Accelerator accelerator, TensorProgram parts) {
    this.workload = workload;
    this.parts = parts;
    this.manager = accelerator.manager().newSubManager();
    List<TrainingSequence> sequences = sequences();
    try (DecoderWeights weights = DecoderWeights.random(accelerator, workload.config(), 1)) {
      this.eager = new EagerTraining(weights);
      long[] tokens = flat(sequences, 0);
      long[] targets = flat(sequences, 1);
      add(EAGER, () -> eager.step(tokens, targets, Workload.TRAIN_ROWS));
      for (NumericType type : NumericType.values()) {
        for (boolean recompute : new boolean[] {false, true}) {
          TrainerSettings settings =
              TrainerSettings.of(LearningRate.constant(RATE)).withCompute(type);
          var trainer =
              new Trainer(
                  weights,
                  settings.withMicroBatches(
                      settings.microBatchTokens(), 1, settings.packing(), recompute));
          trainers.add(trainer);
          add(
              Decoding.label(type) + (recompute ? RECOMPUTE : ""),
              () -> trainer.step(sequences, Selection.RESPONSE, 1, Training::crossEntropy));
        }
        parts(type, weights.numbers());
      }
    }
  }

  /** The name of a measure of a workload. */
  static String name(Workload workload, String what) {
    return workload.name() + " train " + what;
  }

  List<Measure> measures() {
    return measures;
  }

  private void add(String what, Runnable action) {
    measures.add(new Measure(name(workload, what), workload.trainedTokens(), action));
  }

  /** Mean over the tokens of the step; padding has log-probability 0. */
  private static NDArray crossEntropy(MicroBatch batch) {
    float share = -1f / (Workload.TRAIN_ROWS * Workload.TRAIN_TOKENS);
    return batch.logpBT().sum().mul(batch.manager().create(share));
  }

  private List<TrainingSequence> sequences() {
    var random = new Random(3);
    var sequences = new ArrayList<TrainingSequence>();
    for (int i = 0; i < Workload.TRAIN_ROWS; i++) {
      int[] tokens =
          random.ints(Workload.TRAIN_TOKENS + 1L, 0, workload.config().vocabSize()).toArray();
      sequences.add(new TrainingSequence(tokens, 1));
    }
    return sequences;
  }

  private static long[] flat(List<TrainingSequence> sequences, int from) {
    return sequences.stream()
        .flatMapToInt(s -> Arrays.stream(s.tokens(), from, from + Workload.TRAIN_TOKENS))
        .asLongStream()
        .toArray();
  }

  private void parts(NumericType type, double[] real) {
    DecoderConfig config = workload.config();
    int tokens = Workload.TRAIN_ROWS * Workload.TRAIN_TOKENS;
    int inner = config.heads() * config.headSize();
    int qkv = (config.heads() + 2 * config.kvHeads()) * config.headSize();
    int[][] matrices = {
      {qkv, config.width()},
      {config.width(), inner},
      {2 * config.feedForward(), config.width()},
      {config.width(), config.feedForward()},
      {config.vocabSize(), config.width()}
    };
    NDArray[] inputs = new NDArray[matrices.length];
    NDArray[] weights = new NDArray[matrices.length];
    NDArray[] gradients = new NDArray[matrices.length];
    NDArray[] qkvBHTS = new NDArray[3];
    try (NDManager scope = manager.newSubManager()) {
      for (int i = 0; i < matrices.length; i++) {
        inputs[i] = scope.randomNormal(new Shape(tokens, matrices[i][1]));
        weights[i] = scope.randomNormal(new Shape(matrices[i][0], matrices[i][1]));
        gradients[i] = scope.randomNormal(new Shape(tokens, matrices[i][0]));
      }
      for (int i = 0; i < qkvBHTS.length; i++) {
        int heads = i == 0 ? config.heads() : config.kvHeads();
        qkvBHTS[i] =
            scope.randomNormal(
                new Shape(Workload.TRAIN_ROWS, heads, Workload.TRAIN_TOKENS, config.headSize()));
      }
      NDArray[] x = converted(inputs, type);
      NDArray[] w = converted(weights, type);
      NDArray[] g = converted(gradients, type);
      NDArray[] q = converted(qkvBHTS, type);
      add(
          Decoding.label(type) + " " + PRODUCTS,
          () -> parts.call("train_products", x, w, g, config.layers()).close());
      add(
          Decoding.label(type) + " " + ATTENTION,
          () -> parts.call("train_attention", q, config.layers(), real, type.code()).close());
    }
  }

  private NDArray[] converted(NDArray[] arrays, NumericType type) {
    return parts.call("converted", arrays, type.code()).tensors(manager);
  }

  @Override
  public void close() {
    trainers.forEach(Trainer::close);
    eager.close();
    manager.close();
  }
}
