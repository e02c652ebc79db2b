package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.model.DecoderWeights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Sets of arrays in slot order for sums of gradients, without elements where a slot is not trained.
 * They are kept from step to step: there are as many as were ever in use at once.
 */
final class GradientBuffers implements AutoCloseable {
  private final DecoderWeights masters;
  private final boolean[] train;
  private final NDManager manager;
  private final Deque<NDArray[]> free = new ArrayDeque<>();

  GradientBuffers(DecoderWeights masters) {
    this.masters = masters;
    this.train = masters.trainable();
    this.manager = masters.accelerator().manager().newSubManager();
  }

  /** A set of zeros. */
  NDArray[] take() {
    synchronized (free) {
      if (!free.isEmpty()) {
        return free.pop();
      }
    }
    NDArray[] arrays = masters.arrays();
    NDArray[] zeros = new NDArray[arrays.length];
    for (int i = 0; i < zeros.length; i++) {
      zeros[i] = manager.zeros(train[i] ? arrays[i].getShape() : new Shape(0));
    }
    return zeros;
  }

  /**
   * A set with given values of the trained slots, in slot order.
   *
   * @throws IllegalArgumentException if there are more or fewer of them, or of another size
   */
  NDArray[] copyOf(List<ByteBuffer> values) {
    NDArray[] sums = take();
    NDArray[] trained = trained(sums);
    boolean fits = trained.length == values.size();
    for (int i = 0; fits && i < trained.length; i++) {
      fits = trained[i].size() * Float.BYTES == values.get(i).remaining();
    }
    if (!fits) {
      giveZeros(sums);
      throw new IllegalArgumentException(
          "a gradient of another decoder was received: %d arrays of %d bytes, where %d of %d bytes are trained"
              .formatted(
                  values.size(),
                  values.stream().mapToLong(ByteBuffer::remaining).sum(),
                  trained.length,
                  Arrays.stream(trained).mapToLong(array -> array.size() * Float.BYTES).sum()));
    }
    try (NDManager scope = manager.newSubManager()) {
      NDArray[] copies = new NDArray[trained.length];
      for (int i = 0; i < copies.length; i++) {
        ByteBuffer bytes = values.get(i).duplicate().order(ByteOrder.nativeOrder());
        copies[i] = scope.create(bytes, trained[i].getShape(), DataType.FLOAT32);
      }
      masters.accelerator().program().call("assign", trained, copies).close();
    }
    return sums;
  }

  /** Takes a set back whose values are no longer wanted. */
  void clear(NDArray[] sums) {
    masters.accelerator().program().call("clear", (Object) trained(sums)).close();
    giveZeros(sums);
  }

  /** Takes a set back that was made zeros again. */
  void giveZeros(NDArray[] sums) {
    synchronized (free) {
      free.push(sums);
    }
  }

  /** Adds one set to another. */
  void add(NDArray[] target, NDArray[] more) {
    masters.accelerator().program().call("add", trained(target), trained(more)).close();
  }

  /** The arrays of the slots that are trained, in slot order. */
  NDArray[] trained(NDArray[] slots) {
    List<NDArray> trained = new ArrayList<>();
    for (int i = 0; i < slots.length; i++) {
      if (train[i]) {
        trained.add(slots[i]);
      }
    }
    return trained.toArray(NDArray[]::new);
  }

  @Override
  public void close() {
    manager.close();
  }
}
