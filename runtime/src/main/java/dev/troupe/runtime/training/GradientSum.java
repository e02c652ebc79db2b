package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The gradient of some consecutive shards of a step, with what else they add up to. Its memory
 * belongs to the trainer that made it; close it, or hand it to a {@link ShardTree}.
 */
public final class GradientSum implements AutoCloseable {
  private final ShardRange range;
  private final StepTotals totals;
  private final GradientBuffers buffers;
  private NDArray[] sums;

  GradientSum(ShardRange range, StepTotals totals, GradientBuffers buffers, NDArray[] sums) {
    this.range = range;
    this.totals = totals;
    this.buffers = buffers;
    this.sums = sums;
  }

  /** Which shards. */
  public ShardRange range() {
    return range;
  }

  /** What they add up to beside the gradient. */
  public StepTotals totals() {
    return totals;
  }

  /**
   * The float32 values of each trained array, in an order that is the same for every trainer of the
   * same decoder: on a CPU where they are, valid while this sum is open, elsewhere copies.
   */
  public List<ByteBuffer> values() {
    return Arrays.stream(buffers.trained(sums)).map(array -> array.toByteBuffer(true)).toList();
  }

  /** The arrays in slot order. */
  NDArray[] sums() {
    return sums;
  }

  /** This gradient plus that of the shards that follow; both are used up. */
  GradientSum plus(GradientSum next) {
    buffers.add(sums, next.sums);
    next.close();
    var both =
        new GradientSum(
            new ShardRange(range.from(), next.range.to()), totals.plus(next.totals), buffers, sums);
    sums = null;
    return both;
  }

  /** Gives the memory back after the optimizer made zeros of it. */
  void closeCleared() {
    buffers.giveZeros(sums);
    sums = null;
  }

  @Override
  public void close() {
    if (sums != null) {
      buffers.clear(sums);
      sums = null;
    }
  }
}
