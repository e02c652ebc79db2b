package dev.troupe.actors.stage;

import dev.troupe.runtime.model.DecoderWeights;
import java.util.Optional;

/**
 * What a trained stage begins with.
 *
 * @param weights stage whose weights it trains
 * @param policy stage that samples its completions, where that is not the one that is trained
 * @param scores outputs of the score head that the weights need; 0 = they stay as they are
 * @param seed of a fresh head
 */
record Origin(String weights, Optional<String> policy, int scores, long seed) {

  /** The weights of a stage as they are, which also sample. */
  static Origin of(String stage) {
    return new Origin(stage, Optional.empty(), 0, 0);
  }

  /** The weights to train; the caller owns them. */
  DecoderWeights open(Workbench bench) {
    DecoderWeights start = bench.result(weights);
    if (scores == 0 || start.config().scores() == scores) {
      return start;
    }
    try (start) {
      return start.withScoreHead(scores, seed);
    }
  }
}
