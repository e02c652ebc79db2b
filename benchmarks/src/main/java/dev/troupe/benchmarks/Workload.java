package dev.troupe.benchmarks;

import dev.troupe.runtime.model.DecoderConfig;

/**
 * A decoder and the work that is measured on it.
 *
 * @param name S or M
 * @param config the decoder
 * @param promptTokens length of each prompt
 * @param newTokens tokens decoded for each row
 */
record Workload(String name, DecoderConfig config, int promptTokens, int newTokens) {
  /** Rows decoded together. */
  static final int DECODE_ROWS = 64;

  /** Sequences of a training step. */
  static final int TRAIN_ROWS = 32;

  /** Input tokens of a training sequence. */
  static final int TRAIN_TOKENS = 128;

  private static final int QUICK_TOKENS = 32;

  /** A decoder for small tasks: bytes, 128 wide. */
  static Workload small(boolean quick) {
    DecoderConfig config = DecoderConfig.llama(256, 128, 4, 4, 4, 352, 128);
    return new Workload("S", config, 16, quick ? QUICK_TOKENS : 112);
  }

  /** A decoder of 13 million parameters with grouped queries. */
  static Workload medium(boolean quick) {
    DecoderConfig config = DecoderConfig.llama(8192, 384, 6, 6, 2, 1024, 256);
    return new Workload("M", config, 64, quick ? QUICK_TOKENS : 192);
  }

  /** Tokens of one decoding measure. */
  double decodedTokens() {
    return (double) DECODE_ROWS * newTokens;
  }

  /** Tokens of one training step. */
  double trainedTokens() {
    return (double) TRAIN_ROWS * TRAIN_TOKENS;
  }

  /** Cache slots over which attention runs in the middle of decoding. */
  int meanWidth() {
    return promptTokens + newTokens / 2;
  }

  /** GFLOP of the matrix products of one decoded token. */
  double decodeGflop() {
    return 2e-9 * matrixValues() + attentionGflop(meanWidth());
  }

  /** GFLOP of the matrix products of one trained token: forward once, backward twice. */
  double trainGflop() {
    // A causal row attends to half of the sequence on average.
    return 3 * (2e-9 * matrixValues() + attentionGflop(TRAIN_TOKENS / 2.0));
  }

  /** GFLOP of a decoded token's products with weights. */
  double weightGflop() {
    return 2e-9 * matrixValues();
  }

  private double attentionGflop(double width) {
    return 4e-9 * config.layers() * width * config.heads() * config.headSize();
  }

  private double matrixValues() {
    double inner = (double) config.heads() * config.headSize();
    double qkv = (config.heads() + 2.0 * config.kvHeads()) * config.headSize();
    double block = config.width() * (qkv + inner + 3.0 * config.feedForward());
    return config.layers() * block + (double) config.vocabSize() * config.width();
  }
}
