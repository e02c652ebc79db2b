package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import dev.troupe.runtime.program.TensorProgram;
import dev.troupe.runtime.training.ForwardPass.Outputs;
import dev.troupe.runtime.training.ForwardPass.Slopes;
import java.util.ArrayList;
import java.util.List;

/**
 * A micro-batch's loss and its gradient with respect to the decoder's outputs.
 *
 * @param slopes attached to the micro-batch's manager
 */
record LossGradient(double loss, Slopes slopes) {

  /** The host copies of the outputs on the grid that losses see. */
  private record Leaves(
      NDArray logpBT,
      NDArray entropyBT,
      NDArray scoresBTC,
      NDArray referenceLogpBT,
      NDArray divergenceBT) {

    /** Those that there are, in a fixed order. */
    List<NDArray> differentiated() {
      var leaves = new ArrayList<>(List.of(logpBT, entropyBT));
      if (scoresBTC != null) {
        leaves.add(scoresBTC);
      }
      if (divergenceBT != null) {
        leaves.add(divergenceBT);
      }
      return leaves;
    }
  }

  /**
   * Evaluates the loss on detached copies of the outputs and differentiates it there.
   *
   * @param selection log-probabilities and entropies are 0 unless it wants them
   * @param entropyK the entropies, already on the host
   * @param compared whether the outputs hold a reference
   * @param tally what the loss may write to
   */
  static LossGradient of(
      TensorProgram program,
      NDManager step,
      PackedBatch batch,
      Selection selection,
      Outputs outputs,
      float[] entropyK,
      boolean compared,
      LossFunction loss,
      Tally tally) {
    var grid = new Grid(batch.lengths(), batch.width());
    boolean response = selection == Selection.RESPONSE;
    boolean scored = outputs.scoreKC().getShape().dimension() == 2;
    int scores = scored ? (int) outputs.scoreKC().getShape().get(1) : 0;
    float[] zerosK = new float[response ? 0 : batch.selectedCount()];
    var leaves =
        new Leaves(
            grid.toGrid(step, response ? outputs.logpK().toFloatArray() : zerosK),
            grid.toGrid(step, response ? entropyK : zerosK),
            scored ? grid.toGrid(step, outputs.scoreKC().toFloatArray(), scores) : null,
            compared ? grid.toGrid(step, outputs.referenceLogpK().toFloatArray()) : null,
            compared ? grid.toGrid(step, outputs.divergenceK().toFloatArray()) : null);
    List<NDArray> inputs = leaves.differentiated();
    inputs.forEach(leaf -> leaf.setRequiresGradient(true));
    var micro =
        new MicroBatch(
            step,
            batch.rows(),
            leaves.logpBT(),
            leaves.entropyBT(),
            leaves.scoresBTC(),
            leaves.referenceLogpBT(),
            leaves.divergenceBT(),
            grid.mask(step),
            tally);
    NDArray value = value(loss, micro);
    double number = value.getFloat();
    NDArray[] slopes =
        program.call("gradients", value, inputs.toArray(NDArray[]::new)).tensors(step);
    NDArray none = step.create(new Shape(0));
    int last = slopes.length - 1;
    float[] logpSlopesBT = response ? slopes[0].toFloatArray() : new float[0];
    if (response) {
      loss.differentiated(micro, logpSlopesBT);
    }
    return new LossGradient(
        number,
        new Slopes(
            response ? step.create(grid.toList(logpSlopesBT, 1)) : none,
            response ? unlessZero(step, grid.toList(slopes[1].toFloatArray(), 1)) : none,
            scored
                ? step.create(
                    grid.toList(slopes[2].toFloatArray(), scores),
                    new Shape(batch.selectedCount(), scores))
                : none,
            compared ? unlessZero(step, grid.toList(slopes[last].toFloatArray(), 1)) : none));
  }

  private static NDArray value(LossFunction loss, MicroBatch micro) {
    JniUtils.setGradMode(true);
    try {
      return loss.loss(micro);
    } finally {
      JniUtils.setGradMode(false);
    }
  }

  /** An output that the loss leaves alone costs the backward pass nothing. */
  private static NDArray unlessZero(NDManager step, float[] slopesK) {
    for (float slope : slopesK) {
      if (slope != 0) {
        return step.create(slopesK);
      }
    }
    return step.create(new Shape(0));
  }
}
