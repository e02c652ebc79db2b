package dev.troupe.runtime.checkpoint;

import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import java.util.List;

/** A decoder's configuration while the keys of a {@code config.json} are being read. */
final class DecoderDraft {
  final String family;
  int vocabSize;
  int width;
  int layers;
  int heads;
  int kvHeads;
  int headSize;
  int feedForward;
  int context;
  double normEpsilon;
  double ropeTheta;
  boolean tiedHead;
  boolean attentionBias;
  boolean outputBias;
  boolean feedForwardBias;
  boolean qkNorm;
  int scores;
  int bosToken;
  List<Integer> eosTokens;
  int padToken;
  DecoderTraits traits = DecoderTraits.PLAIN;

  DecoderDraft(String family) {
    this.family = family;
  }

  /** Reads the keys that all families share. */
  void readTokens(ConfigKeys keys, boolean tiedByDefault) {
    tiedHead = keys.flag("tie_word_embeddings", tiedByDefault);
    scores = keys.integer(HuggingFaceConfig.SCORES, 0);
    bosToken = keys.integer("bos_token_id", -1);
    eosTokens = keys.integers("eos_token_id");
    padToken = keys.integer("pad_token_id", -1);
  }

  /**
   * The configuration.
   *
   * @throws IllegalArgumentException if the values contradict each other
   */
  DecoderConfig finish() {
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
        scores,
        bosToken,
        eosTokens,
        padToken,
        traits);
  }
}
