package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.algorithms.reward.BradleyTerryLoss;
import dev.troupe.algorithms.reward.PairSelection;
import dev.troupe.runtime.training.LossFunction;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Tally;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which of two completions is better: the likelihood of Bradley and Terry. */
final class PairLesson implements RewardLesson {
  private static final PairTally SEEN = new PairTally("reward-model");
  private static final int PAIR = 2;

  private final PairSelection selection;
  private final boolean hasMargin;
  private final double centring;
  private final double offset;
  private final int groupSize;
  private final RewardReader reader;

  /**
   * @param selection which completions of a prompt are compared
   * @param hasMargin whether scores should differ by as much as rewards
   * @param centring weight of the term that keeps scores near 0
   * @param offset added to the probability of a preference
   * @param groupSize completions of a prompt
   */
  PairLesson(
      PairSelection selection,
      boolean hasMargin,
      double centring,
      double offset,
      int groupSize,
      RewardReader reader) {
    this.selection = selection;
    this.hasMargin = hasMargin;
    this.centring = centring;
    this.offset = offset;
    this.groupSize = groupSize;
    this.reader = reader;
  }

  @Override
  public int unitRows() {
    return selection == PairSelection.BEST_WORST ? PAIR : groupSize;
  }

  @Override
  public Step of(List<ScoredGroup> groups) {
    var sequences = new ArrayList<TrainingSequence>();
    var units = new ArrayList<List<PairSelection.Pair>>();
    for (ScoredGroup group : groups) {
      List<PairSelection.Pair> pairs = selection.of(GroupFacts.rewards(group));
      if (pairs.isEmpty()) {
        continue;
      }
      if (selection == PairSelection.BEST_WORST) {
        PairSelection.Pair pair = pairs.get(0);
        sequences.add(read(group, pair.chosen()));
        sequences.add(read(group, pair.rejected()));
        units.add(List.of(new PairSelection.Pair(0, 1, pair.difference())));
      } else {
        // Each completion is scored once, in however many pairs it is.
        int rows = group.group().rollouts().size();
        for (int row = 0; row < groupSize; row++) {
          // A group that was read may be smaller: a prompt alone fills its place, in no pair.
          int[] prompt = group.group().promptTokens();
          sequences.add(
              row < rows ? read(group, row) : new TrainingSequence(prompt, prompt.length));
        }
        units.add(pairs);
      }
    }
    return new Pairs(sequences, units);
  }

  private TrainingSequence read(ScoredGroup group, int row) {
    return reader.of(group.group(), group.group().rollouts().get(row));
  }

  /** The pairs of a step; those of a unit number its sequences from 0. */
  private final class Pairs implements Step {
    private final List<TrainingSequence> sequences;
    private final List<List<PairSelection.Pair>> units;
    private final long total;

    Pairs(List<TrainingSequence> sequences, List<List<PairSelection.Pair>> units) {
      this.sequences = sequences;
      this.units = units;
      this.total = units.stream().mapToLong(List::size).sum();
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
      var chosen = new ArrayList<Integer>();
      var rejected = new ArrayList<Integer>();
      var margin = new ArrayList<Float>();
      int[] rows = micro.rows();
      for (int first = 0; first < rows.length; first += unitRows()) {
        for (PairSelection.Pair pair : units.get(rows[first] / unitRows())) {
          chosen.add(first + pair.chosen());
          rejected.add(first + pair.rejected());
          margin.add(hasMargin ? (float) pair.difference() : 0f);
        }
      }
      NDArray scoreB = micro.scoresBTC().get(":, 0, 0");
      NDArray chosenP = scoreB.gather(indices(micro.manager(), chosen), 0);
      NDArray rejectedP = scoreB.gather(indices(micro.manager(), rejected), 0);
      SEEN.keep(micro.tally(), PreferenceMetrics.of(chosenP, rejectedP));
      float[] margins = new float[margin.size()];
      for (int p = 0; p < margins.length; p++) {
        margins[p] = margin.get(p);
      }
      return BradleyTerryLoss.loss(
          chosenP, rejectedP, micro.manager().create(margins), centring, offset, total);
    }

    private static NDArray indices(NDManager manager, List<Integer> values) {
      return manager.create(values.stream().mapToLong(Integer::longValue).toArray());
    }

    @Override
    public void measure(Tally tally, Map<String, Double> metrics) {
      PreferenceMetrics seen = SEEN.of(tally);
      metrics.put("reward-model/pairs", (double) total);
      if (seen.pairs() > 0) {
        metrics.put("reward-model/accuracy", seen.accuracy());
        metrics.put("reward-model/margin", seen.meanMargin());
      }
    }
  }
}
