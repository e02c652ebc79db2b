package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.program.TensorProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * AdamW's moments and step counters for the trainable weights (Loshchilov and Hutter 2019).
 *
 * <p>Matrices come first in the lists because they alone have weight decay.
 */
public final class OptimizerState {
  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";

  private final DecoderWeights masters;
  private final int[] order;
  private final int decayed;
  private final NDArray[] first;
  private final NDArray[] second;
  private final NDArray[] counters;
  private long steps;

  OptimizerState(DecoderWeights masters, NDManager manager) {
    this.masters = masters;
    boolean[] train = masters.trainable();
    boolean[] matrix = masters.matrices();
    var indices = new ArrayList<Integer>();
    for (int i = 0; i < train.length; i++) {
      if (train[i] && matrix[i]) {
        indices.add(i);
      }
    }
    this.decayed = indices.size();
    for (int i = 0; i < train.length; i++) {
      if (train[i] && !matrix[i]) {
        indices.add(i);
      }
    }
    this.order = indices.stream().mapToInt(Integer::intValue).toArray();
    NDArray[] weights = masters.arrays();
    this.first = new NDArray[order.length];
    this.second = new NDArray[order.length];
    this.counters = new NDArray[order.length];
    for (int i = 0; i < order.length; i++) {
      first[i] = manager.zeros(weights[order[i]].getShape());
      second[i] = manager.zeros(weights[order[i]].getShape());
      counters[i] = manager.zeros(new Shape());
    }
  }

  /** Steps taken. */
  public long steps() {
    return steps;
  }

  /** The moments in host memory, under the names of their weights with a prefix. */
  public List<HostTensor> toHost() {
    var tensors = new ArrayList<HostTensor>();
    for (int i = 0; i < order.length; i++) {
      tensors.addAll(masters.unstack(order[i], first[i], FIRST));
      tensors.addAll(masters.unstack(order[i], second[i], SECOND));
    }
    return tensors;
  }

  /**
   * Takes the moments and the step count of a checkpoint.
   *
   * @throws IllegalArgumentException if a moment is missing
   */
  public void restore(Map<String, HostTensor> tensors, long stepsTaken) {
    for (int i = 0; i < order.length; i++) {
      masters.restack(order[i], first[i], FIRST, tensors);
      masters.restack(order[i], second[i], SECOND, tensors);
      counters[i].set(new float[] {stepsTaken});
    }
    steps = stepsTaken;
  }

  /**
   * The global norm of the gradients in the sums. Every array's own norm is taken by one thread, so
   * that the number of threads does not show.
   */
  double norm(NDArray[] sums) {
    NDArray[] arrays = pick(sums, 0, order.length);
    var accelerator = masters.accelerator();
    double[] norms = new double[arrays.length];
    int lanes = accelerator.lanes();
    var pieces = new ArrayList<Runnable>(lanes);
    for (int i = 0; i < lanes; i++) {
      int first = i;
      pieces.add(
          () -> {
            try (NDManager scope = accelerator.manager().newSubManager()) {
              for (int array = first; array < norms.length; array += lanes) {
                norms[array] =
                    accelerator.program().call("norm", arrays[array]).tensor(scope).getFloat();
              }
            }
          });
    }
    accelerator.inLanes(pieces);
    double squares = 0;
    for (double norm : norms) {
      squares += norm * norm;
    }
    return Math.sqrt(squares);
  }

  /**
   * Scales the sums down to a global norm.
   *
   * @param norm what they have before, together with whatever is clipped with them
   */
  void clip(NDArray[] sums, double norm, double maxNorm) {
    try (NDManager scope = masters.accelerator().manager().newSubManager()) {
      NDArray total = scope.create((float) norm);
      masters
          .accelerator()
          .program()
          .call("clip", pick(sums, 0, order.length), total, maxNorm)
          .close();
    }
  }

  /** Takes one step with the gradients in the sums and clears them. */
  void update(NDArray[] sums, double rate, TrainerSettings settings) {
    TensorProgram program = masters.accelerator().program();
    adamw(program, sums, 0, decayed, rate, settings, settings.weightDecay());
    adamw(program, sums, decayed, order.length, rate, settings, 0);
    steps++;
  }

  private void adamw(
      TensorProgram program,
      NDArray[] sums,
      int from,
      int to,
      double rate,
      TrainerSettings settings,
      double decay) {
    if (from == to) {
      return;
    }
    program
        .call(
            "adamw",
            pick(masters.arrays(), from, to),
            pick(sums, from, to),
            Arrays.copyOfRange(first, from, to),
            Arrays.copyOfRange(second, from, to),
            Arrays.copyOfRange(counters, from, to),
            rate,
            settings.beta1(),
            settings.beta2(),
            settings.epsilon(),
            decay)
        .close();
  }

  /** The arrays of a range of the optimizer's order, out of arrays in slot order. */
  private NDArray[] pick(NDArray[] slots, int from, int to) {
    NDArray[] picked = new NDArray[to - from];
    for (int i = from; i < to; i++) {
      picked[i - from] = slots[order[i]];
    }
    return picked;
  }
}
