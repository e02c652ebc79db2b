package dev.troupe.runtime.model;

/** The type in which matrix products are computed; master weights are float32 either way. */
public enum NumericType {
  /** IEEE single precision. */
  FP32(6),
  /** bfloat16 products with float32 accumulation, residual stream, norms and softmax. */
  BF16(15);

  private final int code;

  NumericType(int code) {
    this.code = code;
  }

  /** PyTorch's number of this scalar type, as tensor programs take it. */
  public int code() {
    return code;
  }
}
