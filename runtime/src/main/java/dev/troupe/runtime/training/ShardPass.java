package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.training.ForwardPass.Beside;
import dev.troupe.runtime.training.ForwardPass.Outputs;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Forward and backward passes over some shards of a step. The shards go to the lanes of the
 * accelerator one after the other; within a lane an operator has one thread, so a shard's gradient
 * depends neither on the number of lanes nor on which one computed it.
 */
final class ShardPass {
  private final Accelerator accelerator;
  private final ForwardPass pass;
  private final TrainerSettings settings;
  private final boolean[] train;
  private final GradientBuffers buffers;

  ShardPass(
      Accelerator accelerator,
      ForwardPass pass,
      TrainerSettings settings,
      boolean[] train,
      GradientBuffers buffers) {
    this.accelerator = accelerator;
    this.pass = pass;
    this.settings = settings;
    this.train = train;
    this.buffers = buffers;
  }

  /**
   * The gradients of some shards.
   *
   * @param weights in the compute type; they stay the caller's
   * @param sequences of the whole step
   * @param wanted the shards to compute, or null for all
   * @return belongs to the caller
   */
  ShardTree compute(
      NDArray[] weights,
      List<TrainingSequence> sequences,
      StepObjective objective,
      ShardRange wanted) {
    pass.check(sequences, objective.selection(), objective.temperature());
    List<List<int[]>> shards = ShardLayout.of(sequences, objective.selection(), settings).shards();
    ShardRange range = wanted == null ? new ShardRange(0, shards.size()) : wanted;
    if (range.to() > shards.size()) {
      throw new IllegalArgumentException(
          "shards %d to %d were asked for, but this step has %d"
              .formatted(range.from(), range.to() - 1, shards.size()));
    }
    var tree = new ShardTree(shards.size());
    boolean succeeded = false;
    try {
      run(new Work(weights, sequences, objective, shards, range, tree));
      succeeded = true;
      return tree;
    } finally {
      if (!succeeded) { // what a failed step has summed up must not reach the next one
        tree.close();
      }
    }
  }

  /**
   * The work of a step that is to be done here.
   *
   * @param shards micro-batches of each shard of the whole step
   * @param range the shards to compute
   * @param tree what their gradients are added to
   */
  private record Work(
      NDArray[] weights,
      List<TrainingSequence> sequences,
      StepObjective objective,
      List<List<int[]>> shards,
      ShardRange range,
      ShardTree tree) {}

  /** Computes all shards, in as many chunks of native work as others leave time for. */
  private void run(Work work) {
    int count = Math.min(accelerator.lanes(), work.range().size());
    var next = new AtomicInteger(work.range().from());
    var failed = new AtomicBoolean();
    List<Lane> lanes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      lanes.add(new Lane(work, next, failed));
    }
    try {
      List<Runnable> working = List.copyOf(lanes);
      while (!working.isEmpty()) {
        List<Runnable> pieces = working;
        accelerator.exclusively(
            () -> {
              accelerator.inLanes(pieces);
              return null;
            });
        working = lanes.stream().filter(Lane::hasWork).<Runnable>map(lane -> lane).toList();
      }
    } finally {
      if (failed.get()) {
        accelerator.exclusively(
            () -> {
              lanes.forEach(Lane::close);
              return null;
            });
      }
    }
  }

  /** Takes shard after shard, and pauses between micro-batches when the device is wanted. */
  private final class Lane implements Runnable, AutoCloseable {
    private final Work work;
    private final AtomicInteger next;
    private final AtomicBoolean failed;
    private int shard;
    private Iterator<int[]> batches;
    private NDArray[] sums;
    private StepTotals totals;

    Lane(Work work, AtomicInteger next, AtomicBoolean failed) {
      this.work = work;
      this.next = next;
      this.failed = failed;
    }

    boolean hasWork() {
      return sums != null || next.get() < work.range().to();
    }

    @Override
    public void run() {
      boolean succeeded = false;
      try {
        do {
          if (sums == null && !begin()) {
            break;
          }
          totals = totals.plus(microBatch(work, batches.next(), sums));
          if (!batches.hasNext()) {
            deliver();
          }
        } while (!accelerator.isWanted() && !failed.get());
        succeeded = true;
      } finally {
        if (!succeeded) {
          failed.set(true);
        }
      }
    }

    private boolean begin() {
      shard = next.getAndIncrement();
      if (shard >= work.range().to()) {
        return false;
      }
      batches = work.shards().get(shard).iterator();
      totals = StepTotals.none();
      sums = buffers.take();
      return true;
    }

    private void deliver() {
      var sum = new GradientSum(new ShardRange(shard, shard + 1), totals, buffers, sums);
      sums = null;
      work.tree().add(sum);
    }

    @Override
    public void close() {
      if (sums != null) {
        buffers.clear(sums);
        sums = null;
      }
    }
  }

  /** One forward and backward pass; everything it allocates is free again when it returns. */
  private StepTotals microBatch(Work work, int[] rows, NDArray[] sums) {
    try (NDManager part = accelerator.manager().newSubManager()) {
      PackedBatch batch =
          PackedBatch.of(
              part, work.sequences(), rows, work.objective().selection(), settings.packing());
      return accumulate(part, batch, work, sums);
    }
  }

  private StepTotals accumulate(NDManager part, PackedBatch batch, Work work, NDArray[] sums) {
    StepObjective objective = work.objective();
    boolean recompute = settings.recompute();
    double temperature = objective.temperature();
    boolean compared = objective.reference() != null;
    Beside beside = compared ? objective.reference().beside(part, batch) : Beside.nothing(part);
    Outputs outputs =
        pass.forward(part, work.weights(), train, batch, temperature, recompute, true, beside);
    float[] entropyK =
        objective.selection() == Selection.RESPONSE
            ? outputs.entropyK().toFloatArray()
            : new float[0];
    var tally = new Tally();
    LossGradient gradient =
        LossGradient.of(
            accelerator.program(),
            part,
            batch,
            objective.selection(),
            outputs,
            entropyK,
            compared,
            objective.loss(),
            tally);
    pass.backward(
        sums, train, batch, temperature, recompute, outputs.state(), beside, gradient.slopes());
    double entropy = 0;
    for (float value : entropyK) {
      entropy += value;
    }
    return new StepTotals(
        gradient.loss(), entropy, batch.selectedCount(), batch.tokenCount(), 1, tally);
  }
}
