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
  /** The head's logits are computed for at most this many values at once. */
  private static final int HEAD_VALUES = 2 << 20;

  /** Probabilities up to this many bytes are kept for the backward pass instead of recomputed. */
  private static final long KEPT_BYTES = 256L << 20;

  private final Accelerator accelerator;
  private final DecoderConfig config;
  private final NumericType compute;
  private final int[] shape;
  private final double scale;
  private final Rotary rotary;
  private final int chunk;

  ForwardPass(
      Accelerator accelerator,
      DecoderConfig config,
      NumericType compute,
      int[] shape,
      double scale) {
    this.accelerator = accelerator;
    this.config = config;
    this.compute = compute;
    this.shape = shape;
    this.scale = scale;
    this.rotary = Rotary.of(accelerator, config, 0);
    this.chunk = Math.max(1, HEAD_VALUES / config.vocabSize());
  }

  /** Outputs at the selected positions, and what the backward pass needs. */
  record Outputs(NDArray logpK, NDArray entropyK, NDArray scoreKC, NDArray[] state) {}

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
    return forward(manager, weights, new boolean[weights.length], batch, temperature, false, false);
  }

  Outputs forward(
      NDManager manager,
      NDArray[] weights,
      boolean[] train,
      PackedBatch batch,
      double temperature,
      boolean recompute,
      boolean graph) {
    long kept =
        (long) batch.selectedCount() * config.vocabSize() * (compute == NumericType.BF16 ? 2 : 4);
    ProgramValue[] values =
        accelerator
            .program()
            .call(
                "forward",
                weights,
                train,
                shape,
                config.normEpsilon(),
                scale,
                batch.tokensN(),
                batch.positionsN(),
                batch.slotN(),
                batch.gridRows(),
                batch.gridColumns(),
                rotary.cos(),
                rotary.sin(),
                batch.selectedK(),
                batch.targetsK(),
                temperature,
                compute.code(),
                chunk,
                graph && kept <= KEPT_BYTES,
                recompute,
                graph)
            .tuple();
    NDArray[] outputs = values[0].tensors(manager);
    NDArray[] state = values[1].tensors(manager);
    return new Outputs(outputs[0], outputs[1], outputs[2], state);
  }

  void backward(
      NDArray[] sums,
      boolean[] train,
      PackedBatch batch,
      double temperature,
      boolean recompute,
      NDArray[] state,
      NDArray logpGradientK,
      NDArray entropyGradientK,
      NDArray scoreGradientKC) {
    accelerator
        .program()
        .call(
            "backward",
            sums,
            train,
            shape,
            config.normEpsilon(),
            scale,
            state,
            batch.tokensN(),
            batch.positionsN(),
            batch.slotN(),
            batch.gridRows(),
            batch.gridColumns(),
            rotary.cos(),
            rotary.sin(),
            batch.selectedK(),
            batch.targetsK(),
            temperature,
            compute.code(),
            chunk,
            recompute,
            logpGradientK,
            entropyGradientK,
            scoreGradientKC)
        .close();
  }

  NDArray none(NDManager manager) {
    return manager.create(new Shape(0));
  }

  @Override
  public void close() {
    rotary.close();
  }
}
