package dev.troupe.runtime.model;

import java.util.Collections;
import java.util.List;

/**
 * What a decoder does otherwise than a Llama does.
 *
 * @param norm the kind of every norm
 * @param feedForward the kind of every feed-forward
 * @param postNorms whether the outputs of attention and feed-forward pass a norm of their own
 *     before they join the residual stream
 * @param scaledEmbedding whether token embeddings are multiplied by {@code sqrt(width)}
 * @param learnedPositions whether positions are learned vectors that are added to the embeddings,
 *     instead of rotations
 * @param rotaryShare share of each head's dimensions that rotate, above 0 and at most 1
 * @param ropeScaling of the rotary frequencies
 * @param localTheta base of the rotary frequencies in layers with a window, unscaled; 0 where those
 *     layers rotate like the others
 * @param windows for each layer how many tokens attention sees, the newest included; 0 for all of
 *     them; an empty list means 0 everywhere
 * @param queryScalar attention scores are divided by its square root; 0 stands for the head size
 * @param attentionCap attention scores {@code s} become {@code cap tanh(s / cap)}; 0 for no cap
 * @param logitCap the same for the logits
 */
public record DecoderTraits(
    Norm norm,
    FeedForward feedForward,
    boolean postNorms,
    boolean scaledEmbedding,
    boolean learnedPositions,
    double rotaryShare,
    RopeScaling ropeScaling,
    double localTheta,
    List<Integer> windows,
    double queryScalar,
    double attentionCap,
    double logitCap) {

  /** Kinds of norm; the ordinal is the tensor programs' number. */
  public enum Norm {
    /** {@code x / rms(x) * w}. */
    RMS,
    /** {@code x / rms(x) * (1 + w)}. */
    RMS_PLUS_ONE,
    /** {@code (x - mean(x)) / std(x) * w + b}. */
    LAYER
  }

  /** Kinds of feed-forward; the ordinal is the tensor programs' number. */
  public enum FeedForward {
    /** {@code down(silu(gate(x)) * up(x))}. */
    GATED_SILU,
    /** {@code down(gelu(gate(x)) * up(x))} with the tanh form of GELU. */
    GATED_GELU,
    /** {@code down(gelu(up(x)))} with the tanh form of GELU. */
    GELU;

    /** Whether the first projection has a gate beside it. */
    public boolean isGated() {
      return this != GELU;
    }
  }

  /** Those of Llama, Qwen2 and Qwen3. */
  public static final DecoderTraits PLAIN =
      new DecoderTraits(
          Norm.RMS,
          FeedForward.GATED_SILU,
          false,
          false,
          false,
          1,
          RopeScaling.NONE,
          0,
          List.of(),
          0,
          0,
          0);

  /** Refuses numbers without meaning with an {@link IllegalArgumentException}. */
  public DecoderTraits {
    windows = List.copyOf(windows);
    requireNotNegative("localTheta", localTheta);
    requireNotNegative("queryScalar", queryScalar);
    requireNotNegative("attentionCap", attentionCap);
    requireNotNegative("logitCap", logitCap);
    if (!(rotaryShare > 0 && rotaryShare <= 1)) {
      throw new IllegalArgumentException(
          "decoder: rotaryShare = " + rotaryShare + " is outside (0, 1]");
    }
    for (int window : windows) {
      requireNotNegative("window", window);
    }
    if (Collections.frequency(windows, 0) == windows.size()) {
      windows = List.of();
    }
  }

  /** The same with other windows. */
  public DecoderTraits withWindows(List<Integer> newWindows) {
    return new DecoderTraits(
        norm,
        feedForward,
        postNorms,
        scaledEmbedding,
        learnedPositions,
        rotaryShare,
        ropeScaling,
        localTheta,
        newWindows,
        queryScalar,
        attentionCap,
        logitCap);
  }

  /**
   * The same with other rotary positions.
   *
   * @param share of each head that rotates
   */
  public DecoderTraits withRotary(double share, RopeScaling scaling) {
    return new DecoderTraits(
        norm,
        feedForward,
        postNorms,
        scaledEmbedding,
        learnedPositions,
        share,
        scaling,
        localTheta,
        windows,
        queryScalar,
        attentionCap,
        logitCap);
  }

  /** The window of a layer, 0 for none. */
  public int window(int layer) {
    return windows.isEmpty() ? 0 : windows.get(layer);
  }

  /** The one width of all windows, 0 when no layer has one. */
  public int window() {
    return windows.isEmpty() ? 0 : Collections.max(windows);
  }

  private static void requireNotNegative(String name, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          "decoder: " + name + " = " + value + " must be a finite number of at least 0");
    }
  }
}
