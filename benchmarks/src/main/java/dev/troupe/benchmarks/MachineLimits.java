package dev.troupe.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.program.TensorProgram;
import java.util.ArrayList;
import java.util.List;

/** Matrix products and memory reads as fast as libtorch does them here, on all threads. */
final class MachineLimits implements AutoCloseable {
  /** Fraction-of-peak measures divide by these. */
  static final String FP32_PLAIN = "GEMM fp32 plain";

  static final String FP32_PACKED = "GEMM fp32 packed";
  static final String BF16_PLAIN = "GEMM bf16 plain";
  static final String BF16_PACKED = "GEMM bf16 packed";
  static final String READ = "memory read";

  /** Rows and columns of matrices from which products run at their peak. */
  static final int SIDE = 2048;

  private static final int FP32_REPEATS = 4;
  private static final int BF16_REPEATS = 12;

  /** Matrices that are read: far more than the last-level cache of a machine with few cores. */
  private static final int READ_MATRICES = 16;

  private static final int READ_REPEATS = 4;

  private final TensorProgram program;
  private final NDManager manager;
  private final double gflop;
  private final List<Measure> measures = new ArrayList<>();

  /**
   * @param side rows and columns of the matrices, {@link #SIDE} for figures to quote
   */
  MachineLimits(TensorProgram program, NDManager parent, int side) {
    this.program = program;
    this.gflop = 2e-9 * side * side * side;
    this.manager = parent.newSubManager();
    NDArray x = manager.randomNormal(new Shape(side, side));
    NDArray w = manager.randomNormal(new Shape(side, side));
    gemm(FP32_PLAIN, x, w, NumericType.FP32, false, FP32_REPEATS);
    gemm(FP32_PACKED, x, w, NumericType.FP32, true, FP32_REPEATS);
    gemm(BF16_PLAIN, x, w, NumericType.BF16, false, BF16_REPEATS);
    gemm(BF16_PACKED, x, w, NumericType.BF16, true, BF16_REPEATS);
    NDArray memory = manager.ones(new Shape(READ_MATRICES, side, side));
    double gigabytes = 1e-9 * Float.BYTES * memory.size() * READ_REPEATS;
    measures.add(
        new Measure(READ, gigabytes, () -> program.call("reads", memory, READ_REPEATS).close()));
  }

  List<Measure> measures() {
    return measures;
  }

  private void gemm(
      String name, NDArray x, NDArray w, NumericType type, boolean blocked, int repeats) {
    NDArray[] operands = program.call("operands", x, w, type.code(), blocked).tensors(manager);
    measures.add(
        new Measure(
            name,
            gflop * repeats,
            () -> program.call("products", operands, blocked, repeats).close()));
  }

  @Override
  public void close() {
    manager.close();
  }
}
