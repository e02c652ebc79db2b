package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.Rotary;
import dev.troupe.runtime.program.ProgramValue;

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

  Outputs forward(
      NDManager manager,
      NDArray[] weights,
      boolean[] train,
      PackedBatch batch,
      double temperature,
      boolean recompute,
      boolean graph) {
    check(batch);
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

  private void check(PackedBatch batch) {
    if (batch.gridColumns() > config.context()) {
      throw new IllegalArgumentException(
          "a sequence of %d tokens does not fit the context of %d; shorten prompts or completions, or use a model with a longer context"
              .formatted(batch.gridColumns(), config.context()));
    }
  }
}
