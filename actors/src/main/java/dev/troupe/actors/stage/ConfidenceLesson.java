package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.calibration.CalibratedObjective;
import dev.troupe.algorithms.calibration.CalibratedRewardModelLoss;
import dev.troupe.algorithms.calibration.Confidence;
import dev.troupe.algorithms.calibration.ConfidenceRewards;
import dev.troupe.algorithms.calibration.ConfidenceVariants;
import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.algorithms.reward.PairSelection;
import dev.troupe.runtime.training.LossFunction;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Tally;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Whether a stated confidence is deserved: PPO-M. The best and the worst completion of a prompt are
 * each read with a high and with a low confidence in place of what they stated themselves.
 */
final class ConfidenceLesson implements RewardLesson {
  private static final PairTally GOOD = new PairTally("better");
  private static final PairTally BAD = new PairTally("worse");
  private static final int STATED = 4;
  private static final int STATED_AND_PLAIN = 6;

  private final CalibratedObjective objective;
  private final RewardReader reader;
  private final long seed;

  /**
   * @param seed of the confidences that are drawn
   */
  ConfidenceLesson(CalibratedObjective objective, RewardReader reader, long seed) {
    this.objective = objective;
    this.reader = reader;
    this.seed = seed;
  }

  @Override
  public int unitRows() {
    return objective == CalibratedObjective.COMBINED ? STATED_AND_PLAIN : STATED;
  }

  @Override
  public Step of(List<ScoredGroup> groups) {
    var sequences = new ArrayList<TrainingSequence>();
    for (ScoredGroup scored : groups) {
      Group group = scored.group();
      for (PairSelection.Pair pair : PairSelection.BEST_WORST.of(GroupFacts.rewards(scored))) {
        String chosen = answer(group, pair.chosen());
        String rejected = answer(group, pair.rejected());
        var random = new SplittableRandom(seed + group.ticket().id().ordinal());
        ConfidenceVariants stated = ConfidenceVariants.of(chosen, rejected, random);
        sequences.add(reader.of(group, stated.chosenHigh()));
        sequences.add(reader.of(group, stated.chosenLow()));
        sequences.add(reader.of(group, stated.rejectedHigh()));
        sequences.add(reader.of(group, stated.rejectedLow()));
        if (objective == CalibratedObjective.COMBINED) {
          sequences.add(reader.of(group, chosen));
          sequences.add(reader.of(group, rejected));
        }
      }
    }
    return new Stated(sequences);
  }

  private static String answer(Group group, int row) {
    return Confidence.parse(group.rollouts().get(row).text(), Confidence.IF_MISSING).text();
  }

  private final class Stated implements Step {
    private final List<TrainingSequence> sequences;

    Stated(List<TrainingSequence> sequences) {
      this.sequences = sequences;
    }

    @Override
    public List<TrainingSequence> sequences() {
      return sequences;
    }

    @Override
    public LossFunction loss() {
      return this::loss;
    }

    private NDArray loss(MicroBatch micro) {
      NDArray scorePU = micro.scoresBTC().reshape(-1, unitRows());
      boolean hasPlain = unitRows() == STATED_AND_PLAIN;
      var rewards =
          new ConfidenceRewards(
              scorePU.get(":, 0"),
              scorePU.get(":, 1"),
              scorePU.get(":, 2"),
              scorePU.get(":, 3"),
              hasPlain ? scorePU.get(":, 4") : null,
              hasPlain ? scorePU.get(":, 5") : null);
      GOOD.keep(micro.tally(), PreferenceMetrics.of(rewards.chosenHighP(), rewards.chosenLowP()));
      BAD.keep(
          micro.tally(), PreferenceMetrics.of(rewards.rejectedLowP(), rewards.rejectedHighP()));
      return CalibratedRewardModelLoss.loss(rewards, objective, sequences.size() / unitRows());
    }

    @Override
    public void measure(Tally tally, Map<String, Double> metrics) {
      PreferenceMetrics good = GOOD.of(tally);
      PreferenceMetrics bad = BAD.of(tally);
      metrics.put("reward-model/pairs", (double) (sequences.size() / unitRows()));
      if (good.pairs() > 0) {
        metrics.put("reward-model/accuracy", (good.accuracy() + bad.accuracy()) / 2);
        metrics.put("reward-model/confidence-of-better", good.meanMargin());
        metrics.put("reward-model/doubt-of-worse", bad.meanMargin());
      }
    }
  }
}
