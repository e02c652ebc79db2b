package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.Rotary;
import dev.troupe.runtime.program.ProgramValue;
import java.util.List;

/**
 * The decoder's forward and backward programs with the numbers that stay the same between calls.
 */
final class ForwardPass implements AutoCloseable {
  private final Accelerator accelerator;
  private final DecoderConfig config;
  private final NumericType compute;
  private final int[] shape;
  private final double[] numbers;
  private final double scale;
  private final Rotary rotary;
  private final HeadMemory memory;

  ForwardPass(
      Accelerator accelerator,
      DecoderConfig config,
      NumericType compute,
      int[] shape,
      double[] numbers,
      double scale,
      HeadMemory memory) {
    this.accelerator = accelerator;
    this.config = config;
    this.compute = compute;
    this.shape = shape;
    this.numbers = numbers;
    this.scale = scale;
    this.rotary = Rotary.of(accelerator, config, 0);
    this.memory = memory;
  }

  /**
   * Outputs at the selected positions, and what the backward pass needs.
   *
   * @param stateKD the states after the last norm, in the compute type
   * @param referenceLogpK empty without a reference
   * @param divergenceK empty without a reference
   */
  record Outputs(
      NDArray logpK,
      NDArray entropyK,
      NDArray scoreKC,
      NDArray stateKD,
      NDArray referenceLogpK,
      NDArray divergenceK,
      NDArray[] state) {}

  /**
   * The reference's distributions at the selected positions, before its head multiplies them out.
   *
   * @param way the number of the divergence in the program, 0 for none
   * @param stateKD its states after the last norm
   * @param headVD its vocabulary head
   * @param logitCap within which its logits are held, 0 for none
   */
  record Beside(int way, NDArray stateKD, NDArray headVD, double logitCap) {
    static Beside nothing(NDManager manager) {
      return new Beside(0, manager.create(new Shape(0)), manager.create(new Shape(0)), 0);
    }
  }

  /** Gradients of the loss with respect to the outputs; an empty array is zeros. */
  record Slopes(NDArray logpK, NDArray entropyK, NDArray scoreKC, NDArray divergenceK) {}

  /** The weights in the compute type, attached to the manager. */
  NDArray[] cast(NDArray[] masters, NDManager manager) {
    return accelerator.program().call("cast", masters, compute.code()).tensors(manager);
  }

  /**
   * Refuses sequences that the decoder cannot read, before any of them is computed.
   *
   * @throws IllegalArgumentException that names the sequence and what is wrong with it, or a
   *     temperature that is not positive
   * @throws IllegalStateException if nothing but scores is wanted and there is no score head
   */
  void check(List<TrainingSequence> sequences, Selection selection, double temperature) {
    if (selection != Selection.RESPONSE && config.scores() == 0) {
      throw new IllegalStateException(
          "this decoder has no score head (scores = 0); add one to its weights before");
    }
    if (!(temperature > 0 && Double.isFinite(temperature))) {
      throw new IllegalArgumentException(
          "temperature = "
              + temperature
              + " cannot divide logits; allowed is above 0 (the log-probabilities of greedy samples"
              + " are those at 1)");
    }
    for (int i = 0; i < sequences.size(); i++) {
      int length = PackedBatch.inputLength(sequences.get(i), selection);
      if (length > config.context()) {
        throw new IllegalArgumentException(
            "sequence %d: %d tokens do not fit the context of %d; shorten prompts or completions, or use a model with a longer context"
                .formatted(i, length, config.context()));
      }
      for (int token : sequences.get(i).tokens()) {
        if (token < 0 || token >= config.vocabSize()) {
          throw new IllegalArgumentException(
              "sequence %d: token %d is outside the vocabulary of %d; use the tokenizer of this model"
                  .formatted(i, token, config.vocabSize()));
        }
      }
    }
  }

  /** Number of outputs of the score head, 0 without one. */
  int scores() {
    return config.scores();
  }

  /** The outputs alone: nothing is kept for a backward pass. */
  Outputs read(NDManager manager, NDArray[] weights, PackedBatch batch, double temperature) {
    boolean[] frozen = new boolean[weights.length];
    return forward(
        manager, weights, frozen, batch, temperature, false, false, Beside.nothing(manager));
  }

  /** The vocabulary head among weights in the compute type; it stays theirs. */
  NDArray head(NDArray[] weights) {
    return config.tiedHead() ? weights[0] : weights[weights.length - 3];
  }

  /** Within which the logits are held, 0 for none. */
  double logitCap() {
    return config.traits().logitCap();
  }

  int vocabulary() {
    return config.vocabSize();
  }

  /** Rows of the vocabulary head that are computed at once. */
  private int chunk() {
    return Math.max(1, memory.chunkValues() / config.vocabSize());
  }

  Outputs forward(
      NDManager manager,
      NDArray[] weights,
      boolean[] train,
      PackedBatch batch,
      double temperature,
      boolean recompute,
      boolean graph,
      Beside beside) {
    int tables = beside.way() == 0 ? 1 : 2;
    boolean isCapped = config.traits().logitCap() > 0;
    long kept =
        (long) batch.selectedCount()
            * config.vocabSize()
            * (compute == NumericType.BF16 ? 2 : 4)
            * tables;
    ProgramValue[] values =
        accelerator
            .program()
            .call(
                "forward",
                weights,
                train,
                shape,
                numbers,
                scale,
                batch.tokensN(),
                batch.positionsN(),
                batch.slotN(),
                batch.gridRows(),
                batch.gridColumns(),
                rotary.tables(),
                batch.selectedK(),
                batch.targetsK(),
                temperature,
                compute.code(),
                chunk(),
                graph && !isCapped && kept <= memory.keptBytes(),
                recompute,
                graph,
                beside.way(),
                beside.stateKD(),
                beside.headVD(),
                beside.logitCap())
            .tuple();
    NDArray[] outputs = values[0].tensors(manager);
    NDArray[] state = values[1].tensors(manager);
    return new Outputs(
        outputs[0], outputs[1], outputs[2], outputs[3], outputs[4], outputs[5], state);
  }

  void backward(
      NDArray[] sums,
      boolean[] train,
      PackedBatch batch,
      double temperature,
      boolean recompute,
      NDArray[] state,
      Beside beside,
      Slopes slopes) {
    accelerator
        .program()
        .call(
            "backward",
            sums,
            train,
            shape,
            numbers,
            scale,
            state,
            batch.tokensN(),
            batch.positionsN(),
            batch.slotN(),
            batch.gridRows(),
            batch.gridColumns(),
            rotary.tables(),
            batch.selectedK(),
            batch.targetsK(),
            temperature,
            compute.code(),
            chunk(),
            recompute,
            beside.way(),
            beside.stateKD(),
            beside.headVD(),
            beside.logitCap(),
            slopes.logpK(),
            slopes.entropyK(),
            slopes.scoreKC(),
            slopes.divergenceK())
        .close();
  }

  @Override
  public void close() {
    rotary.close();
  }
}
