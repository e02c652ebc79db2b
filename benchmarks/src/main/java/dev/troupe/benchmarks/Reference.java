package dev.troupe.benchmarks;

/**
 * A speed of another program, measured on another machine together with that machine's fp32 matrix
 * product peak. The machine was a 2-core AVX-512 virtual machine without matrix units; decoding had
 * 64 rows and training 32 x 128 tokens of the decoder M, as here.
 *
 * @param program what was measured
 * @param lowest tokens a second, lowest of its rounds
 * @param highest tokens a second, highest of its rounds
 */
record Reference(String program, double lowest, double highest) {
  /** PyTorch 2.14 from Python, eager, one exponential draw for each vocabulary entry. */
  static final Reference PYTORCH_DECODE = new Reference("PyTorch eager", 1170, 1220);

  /** The same with one uniform number a row. */
  static final Reference PYTORCH_DECODE_CHEAP_DRAW =
      new Reference("PyTorch eager with a cheaper sampler", 1740, 2000);

  static final Reference LLAMA_CPP_DECODE = new Reference("llama.cpp", 1970, 1970);
  static final Reference PYTORCH_TRAIN = new Reference("PyTorch eager", 1380, 1660);

  /** GFLOP/s of fp32 products on that machine. */
  private static final double LOWEST_PEAK = 190;

  private static final double HIGHEST_PEAK = 217;

  /** How many times faster a program here is, each divided by its machine's fp32 peak. */
  double ratio(double tokensPerSecond, double peakGflops) {
    double middle = (lowest + highest) / (LOWEST_PEAK + HIGHEST_PEAK);
    return tokensPerSecond / peakGflops / middle;
  }
}
