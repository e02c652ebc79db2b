package dev.troupe.runtime.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/**
 * The shape of a decoder-only transformer: everything the mathematics needs besides the weights.
 *
 * @param family the Hugging Face architecture it is stored as, one of {@link #FAMILIES}
 * @param vocabSize rows of the token embedding
 * @param width length of the residual stream
 * @param layers number of blocks
 * @param heads query heads of a block
 * @param kvHeads key/value heads of a block; divides {@code heads}
 * @param headSize length of one head; what rotates of it is even, because pairs turn
 * @param feedForward inner length of the feed-forward
 * @param context longest sequence in tokens
 * @param normEpsilon added to the mean square or the variance in norms
 * @param ropeTheta base of the rotary frequencies
 * @param tiedHead whether the language-model head is the token embedding itself
 * @param attentionBias whether the query, key and value projections have a bias
 * @param outputBias whether the attention's output projection has a bias
 * @param feedForwardBias whether the three feed-forward projections have a bias
 * @param qkNorm whether queries and keys pass a norm over the head before the rotation
 * @param scores outputs of the value or reward head {@code score}, 0 for none
 * @param bosToken id that opens a text, -1 for none
 * @param eosTokens ids that end a text, possibly none
 * @param padToken id used for padding, -1 for none
 * @param traits what it does otherwise than a Llama
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
    int padToken,
    DecoderTraits traits) {

  /** The families that can be stored, in the order in which messages list them. */
  public static final List<String> FAMILIES =
      List.of("llama", "qwen2", "qwen3", "mistral", "gemma2", "gemma3_text", "gpt2", "phi3");

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
    int rotated = (int) (headSize * traits.rotaryShare());
    mistakes.unless(
        traits.learnedPositions() || rotated > 0 && rotated % 2 == 0 && headSize % 2 == 0,
        "headSize = %d must be even for rotary positions, as must be the %d of it that rotate"
            .formatted(headSize, rotated));
    mistakes.tokenOrNone("bosToken", bosToken, vocabSize);
    mistakes.tokenOrNone("padToken", padToken, vocabSize);
    for (int token : eosTokens) {
      mistakes.unless(
          0 <= token && token < vocabSize,
          "eosTokens contains " + token + ", outside [0, vocabSize = " + vocabSize + ")");
    }
    var biases = new FamilyRules.Biases(attentionBias, outputBias, feedForwardBias, qkNorm);
    var attention = new FamilyRules.Attention(width, layers, heads, kvHeads, headSize);
    mistakes.found.addAll(FamilyRules.mistakes(family, biases, attention, traits));
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
        -1,
        DecoderTraits.PLAIN);
  }

  /** The same decoder with a score head of that many outputs; 0 takes the head away. */
  public DecoderConfig withScores(int newScores) {
    return with(newScores, bosToken, eosTokens, padToken, traits);
  }

  /** The same decoder with other special tokens; -1 and an empty list mean none. */
  public DecoderConfig withTokens(int bos, List<Integer> eos, int pad) {
    return with(scores, bos, eos, pad, traits);
  }

  /** The same decoder with other traits. */
  public DecoderConfig withTraits(DecoderTraits newTraits) {
    return with(scores, bosToken, eosTokens, padToken, newTraits);
  }

  private DecoderConfig with(
      int newScores, int bos, List<Integer> eos, int pad, DecoderTraits newTraits) {
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
        pad,
        newTraits);
  }

  /** Dimensions of a head that rotate, 0 when positions are learned. */
  public int rotated() {
    return traits.learnedPositions() ? 0 : (int) (headSize * traits.rotaryShare());
  }

  /** What attention scores are multiplied by. */
  public double attentionScale() {
    double scalar = traits.queryScalar() == 0 ? headSize : traits.queryScalar();
    return 1 / Math.sqrt(scalar);
  }

  /** What token embeddings are multiplied by. */
  public double embeddingFactor() {
    return traits.scaledEmbedding() ? Math.sqrt(width) : 1;
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
   * Name and shape of every tensor of the decoder, in name order. The names are those of
   * transformers' Llama, with further ones in their manner for what Llama does not have; files of
   * other families may name and divide them otherwise. Projections are stored as (outputs, inputs).
   */
  public SortedMap<String, long[]> tensorShapes() {
    return Collections.unmodifiableSortedMap(new WeightLayout(this, null).tensorShapes());
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

    void throwIfAny() {
      if (!found.isEmpty()) {
        throw new IllegalArgumentException("decoder: " + String.join("; ", found));
      }
    }
  }
}
