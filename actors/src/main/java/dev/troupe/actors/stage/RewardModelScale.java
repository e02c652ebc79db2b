package dev.troupe.actors.stage;

import dev.troupe.runtime.checkpoint.CheckpointStore;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The outputs of a finished reward model as one number: the mean of its scores, each less its mean
 * in units of its deviation on completions that the model was not trained on.
 */
public final class RewardModelScale {
  private final RewardModelCard card;

  private RewardModelScale(RewardModelCard card) {
    this.card = card;
  }

  /**
   * Reads what the scores of a stage mean.
   *
   * @param run directory of the run
   * @param stage a reward-model stage that is done
   */
  public static RewardModelScale of(Path run, String stage) {
    var store = new CheckpointStore(run.resolve("checkpoints").resolve(stage));
    return new RewardModelScale(RewardModelCard.read(store.latest().orElseThrow().directory()));
  }

  /** The number of one completion, from the outputs of the head. */
  public double of(float[] outputs) {
    return Arrays.stream(card.normalised(card.scoresOf(outputs))).average().orElseThrow();
  }
}
