package dev.troupe.runtime.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The shape of a decoder-only transformer with RMSNorm, rotary positions, grouped-query attention
 * and a gated SiLU feed-forward: everything the mathematics needs besides the weights.
 *
 * @param family the Hugging Face architecture it is stored as: {@code llama}, {@code qwen2} or
 *     {@code qwen3}
 * @param vocabSize rows of the token embedding
 * @param width length of the residual stream
 * @param layers number of blocks
 * @param heads query heads of a block
 * @param kvHeads key/value heads of a block; divides {@code heads}
 * @param headSize length of one head; even, because rotary positions turn pairs
 * @param feedForward inner length of the feed-forward
 * @param context longest sequence in tokens
 * @param normEpsilon added to the mean square in RMSNorm
 * @param ropeTheta base of the rotary frequencies
 * @param tiedHead whether the language-model head is the token embedding itself
 * @param attentionBias whether the query, key and value projections have a bias
 * @param outputBias whether the attention's output projection has a bias
 * @param feedForwardBias whether the three feed-forward projections have a bias
 * @param qkNorm whether queries and keys pass an RMSNorm over the head before the rotation
 * @param scores outputs of the value or reward head {@code score}, 0 for none
 * @param bosToken id that opens a text, -1 for none
 * @param eosTokens ids that end a text, possibly none
 * @param padToken id used for padding, -1 for none
 */
public record DecoderConfig(
    String family,
    int vocabSize,
    int width,
    int layers,
    int heads,
    int kvHeads,
    int headSize,
    int feedForward,
    int context,
    double normEpsilon,
    double ropeTheta,
    boolean tiedHead,
    boolean attentionBias,
    boolean outputBias,
    boolean feedForwardBias,
    boolean qkNorm,
    int scores,
    int bosToken,
    List<Integer> eosTokens,
    int padToken) {

  /** The families that can be stored, in the order in which messages list them. */
  public static final List<String> FAMILIES = List.of("llama", "qwen2", "qwen3");

  private static final double LLAMA_NORM_EPSILON = 1e-5;
  private static final double LLAMA_ROPE_THETA = 10_000;

  /**
   * Refuses an impossible shape with an {@link IllegalArgumentException} that lists every mistake.
   */
  public DecoderConfig {
    eosTokens = eosTokens == null ? List.of() : List.copyOf(eosTokens);
    var mistakes = new Mistakes();
    mistakes.positive("vocabSize", vocabSize);
    mistakes.positive("width", width);
    mistakes.positive("layers", layers);
    mistakes.positive("heads", heads);
    mistakes.positive("kvHeads", kvHeads);
    mistakes.positive("headSize", headSize);
    mistakes.positive("feedForward", feedForward);
    mistakes.positive("context", context);
    mistakes.positive("normEpsilon", normEpsilon);
    mistakes.positive("ropeTheta", ropeTheta);
    mistakes.unless(scores >= 0, "scores = " + scores + " must be 0 or more");
    mistakes.unless(
        kvHeads <= 0 || heads % kvHeads == 0,
        "heads = " + heads + " is not a multiple of kvHeads = " + kvHeads);
    mistakes.unless(
        headSize % 2 == 0, "headSize = " + headSize + " must be even for rotary positions");
    mistakes.tokenOrNone("bosToken", bosToken, vocabSize);
    mistakes.tokenOrNone("padToken", padToken, vocabSize);
    for (int token : eosTokens) {
      mistakes.unless(
          0 <= token && token < vocabSize,
          "eosTokens contains " + token + ", outside [0, vocabSize = " + vocabSize + ")");
    }
    mistakes.family(family, attentionBias, outputBias, feedForwardBias, qkNorm);
    mistakes.throwIfAny();
  }

  /**
   * A Llama of the given size with the usual rest: heads of {@code width / heads}, RMSNorm epsilon
   * 1e-5, rotary base 10000, tied head, no biases, no score head, no special tokens.
   */
  public static DecoderConfig llama(
      int vocabSize, int width, int layers, int heads, int kvHeads, int feedForward, int context) {
    if (heads <= 0 || width % heads != 0) {
      throw new IllegalArgumentException(
          "decoder: width = " + width + " is not a multiple of heads = " + heads);
    }
    return new DecoderConfig(
        "llama",
        vocabSize,
        width,
        layers,
        heads,
        kvHeads,
        width / heads,
        feedForward,
        context,
        LLAMA_NORM_EPSILON,
        LLAMA_ROPE_THETA,
        true,
        false,
        false,
        false,
        false,
        0,
        -1,
        List.of(),
        -1);
  }

  /** The same decoder with a score head of that many outputs; 0 takes the head away. */
  public DecoderConfig withScores(int newScores) {
    return with(newScores, bosToken, eosTokens, padToken);
  }

  /** The same decoder with other special tokens; -1 and an empty list mean none. */
  public DecoderConfig withTokens(int bos, List<Integer> eos, int pad) {
    return with(scores, bos, eos, pad);
  }

  private DecoderConfig with(int newScores, int bos, List<Integer> eos, int pad) {
    return new DecoderConfig(
        family,
        vocabSize,
        width,
        layers,
        heads,
        kvHeads,
        headSize,
        feedForward,
        context,
        normEpsilon,
        ropeTheta,
        tiedHead,
        attentionBias,
        outputBias,
        feedForwardBias,
        qkNorm,
        newScores,
        bos,
        eos,
        pad);
  }

  /** Query heads that share one key/value head. */
  public int headsPerKv() {
    return heads / kvHeads;
  }

  /** Number of trainable values, each counted once: a tied head adds none. */
  public long parameters() {
    return tensorShapes().values().stream()
        .mapToLong(shape -> Arrays.stream(shape).reduce(1, Math::multiplyExact))
        .reduce(0, Math::addExact);
  }

  /**
   * Name and shape of every tensor of the decoder, by Hugging Face name, in name order. Projections
   * are stored as (outputs, inputs).
   */
  public SortedMap<String, long[]> tensorShapes() {
    var shapes = new TreeMap<String, long[]>();
    shapes.put("model.embed_tokens.weight", new long[] {vocabSize, width});
    for (int layer = 0; layer < layers; layer++) {
      addLayer(shapes, "model.layers." + layer + ".");
    }
    shapes.put("model.norm.weight", new long[] {width});
    if (!tiedHead) {
      shapes.put("lm_head.weight", new long[] {vocabSize, width});
    }
    if (scores > 0) {
      addProjection(shapes, "score", scores, width, true);
    }
    return Collections.unmodifiableSortedMap(shapes);
  }

  private void addLayer(SortedMap<String, long[]> shapes, String prefix) {
    long queryWidth = (long) heads * headSize;
    long keyWidth = (long) kvHeads * headSize;
    String attention = prefix + "self_attn.";
    shapes.put(prefix + "input_layernorm.weight", new long[] {width});
    addProjection(shapes, attention + "q_proj", queryWidth, width, attentionBias);
    addProjection(shapes, attention + "k_proj", keyWidth, width, attentionBias);
    addProjection(shapes, attention + "v_proj", keyWidth, width, attentionBias);
    addProjection(shapes, attention + "o_proj", width, queryWidth, outputBias);
    if (qkNorm) {
      shapes.put(attention + "q_norm.weight", new long[] {headSize});
      shapes.put(attention + "k_norm.weight", new long[] {headSize});
    }
    shapes.put(prefix + "post_attention_layernorm.weight", new long[] {width});
    addProjection(shapes, prefix + "mlp.gate_proj", feedForward, width, feedForwardBias);
    addProjection(shapes, prefix + "mlp.up_proj", feedForward, width, feedForwardBias);
    addProjection(shapes, prefix + "mlp.down_proj", width, feedForward, feedForwardBias);
  }

  private static void addProjection(
      SortedMap<String, long[]> shapes, String name, long outputs, long inputs, boolean bias) {
    shapes.put(name + ".weight", new long[] {outputs, inputs});
    if (bias) {
      shapes.put(name + ".bias", new long[] {outputs});
    }
  }

  /** Collects what is wrong, so that one exception tells everything. */
  private static final class Mistakes {
    private final List<String> found = new ArrayList<>();

    void unless(boolean valid, String mistake) {
      if (!valid) {
        found.add(mistake);
      }
    }

    void positive(String name, int value) {
      unless(value > 0, name + " = " + value + " must be 1 or more");
    }

    void positive(String name, double value) {
      unless(
          value > 0 && Double.isFinite(value),
          name + " = " + value + " must be a positive finite number");
    }

    void tokenOrNone(String name, int token, int vocabSize) {
      unless(
          -1 <= token && token < vocabSize,
          name
              + " = "
              + token
              + " is outside [-1, vocabSize = "
              + vocabSize
              + "), -1 meaning none");
    }

    /**
     * What transformers' code for the family cannot express could be trained but never exported.
     */
    void family(
        String family,
        boolean attentionBias,
        boolean outputBias,
        boolean feedForwardBias,
        boolean qkNorm) {
      if (family == null || !FAMILIES.contains(family)) {
        unless(false, "family = " + family + " is not one of " + FAMILIES);
        return;
      }
      required(family, "qkNorm", qkNorm, family.equals("qwen3"));
      if (family.equals("qwen2")) {
        required(family, "attentionBias", attentionBias, true);
        required(family, "outputBias", outputBias, false);
      } else {
        unless(
            attentionBias == outputBias,
            "family %s has one switch for both: attentionBias = %s differs from outputBias = %s"
                .formatted(family, attentionBias, outputBias));
      }
      if (!family.equals("llama")) {
        required(family, "feedForwardBias", feedForwardBias, false);
      }
    }

    private void required(String family, String name, boolean value, boolean required) {
      unless(
          value == required,
          "family %s requires %s = %s, not %s".formatted(family, name, required, value));
    }

    void throwIfAny() {
      if (!found.isEmpty()) {
        throw new IllegalArgumentException("decoder: " + String.join("; ", found));
      }
    }
  }
}
