package dev.troupe.actors.stage;

import dev.troupe.algorithms.rto.Granularity;
import dev.troupe.algorithms.rto.TokenLogps;
import dev.troupe.algorithms.rto.TokenReward;
import dev.troupe.runtime.settings.ShapingSettings;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What each token of a completion earns: shaping, the cost of leaving the reference, the end. */
final class TokenRewards {
  private final Optional<ShapingSettings> shaping;
  private final KlPull pull;
  private final Tokenizer tokenizer;

  /**
   * @param shaping where dense rewards come from; one without weight is none
   * @param pull what leaving the reference costs
   * @param tokenizer tells where sentences end
   */
  TokenRewards(Optional<ShapingSettings> shaping, KlPull pull, Tokenizer tokenizer) {
    this.shaping = shaping.filter(it -> it.beta1() > 0);
    this.pull = pull;
    this.tokenizer = tokenizer;
  }

  boolean isShaped() {
    return shaping.isPresent();
  }

  /** Everything that each token earns, the completion's reward on the last one. */
  float[] all(Trial trial) {
    return rule(pull.inReward()).of(logps(trial), trial.reward(), ends(trial));
  }

  /** The dense rewards alone. */
  float[] shaping(Trial trial) {
    return rule(0).shaping(logps(trial), ends(trial));
  }

  /** The completion's reward less what it costs to leave the reference. */
  double whole(Trial trial) {
    return pull.inReward() > 0 ? trial.reward() - pull.cost(trial) : trial.reward();
  }

  private TokenReward rule(double beta2) {
    return new TokenReward(
        shaping.map(ShapingSettings::beta1).orElse(0.0),
        beta2,
        1,
        shaping.map(ShapingSettings::clip).orElse(0.0),
        0, // Outcomes are bounded before they get here, if at all.
        shaping.map(it -> Granularity.valueOf(it.granularity().name())).orElse(Granularity.TOKEN));
  }

  private TokenLogps logps(Trial trial) {
    return new TokenLogps(
        trial.behaviour(),
        trial.reference(),
        isShaped() ? trial.shaping() : null,
        isShaped() ? trial.shapingBase() : null);
  }

  private boolean[] ends(Trial trial) {
    boolean isAsked =
        shaping.filter(it -> it.granularity() == ShapingSettings.Granularity.SENTENCE).isPresent();
    return isAsked ? endsSentence(trial.rollout().tokens()) : null;
  }

  private boolean[] endsSentence(int[] tokens) {
    boolean[] ends = new boolean[tokens.length];
    for (int t = 0; t < tokens.length; t++) {
      String text = new String(tokenizer.bytes(tokens[t]), StandardCharsets.UTF_8).stripTrailing();
      ends[t] = text.endsWith(".") || text.endsWith("!") || text.endsWith("?");
    }
    return ends;
  }
}
