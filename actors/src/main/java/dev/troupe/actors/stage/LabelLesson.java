package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.multiobjective.RewardRegressionLoss;
import dev.troupe.runtime.training.LossFunction;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Tally;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The value of every label of a completion: multi-label regression. */
final class LabelLesson implements RewardLesson {
  private final RewardRegressionLoss.Head head;
  private final int labels;
  private final RewardReader reader;

  /**
   * @param head how outputs become scores
   * @param labels how many a completion has
   */
  LabelLesson(RewardRegressionLoss.Head head, int labels, RewardReader reader) {
    this.head = head;
    this.labels = labels;
    this.reader = reader;
  }

  @Override
  public int unitRows() {
    return 1;
  }

  @Override
  public Step of(List<ScoredGroup> groups) {
    var sequences = new ArrayList<TrainingSequence>();
    var targets = new ArrayList<double[]>();
    for (ScoredGroup group : groups) {
      for (int row = 0; row < group.outcomes().size(); row++) {
        double[] grades = Grades.labels(group.outcomes().get(row));
        if (grades != null) {
          sequences.add(reader.of(group.group(), group.group().rollouts().get(row)));
          targets.add(grades);
        }
      }
    }
    return new Labelled(sequences, targets);
  }

  private final class Labelled implements Step {
    private final List<TrainingSequence> sequences;
    private final List<double[]> targets;

    Labelled(List<TrainingSequence> sequences, List<double[]> targets) {
      this.sequences = sequences;
      this.targets = targets;
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
      int[] rows = micro.rows();
      float[] flat = new float[rows.length * labels];
      for (int b = 0; b < rows.length; b++) {
        for (int k = 0; k < labels; k++) {
          flat[b * labels + k] = (float) targets.get(rows[b])[k];
        }
      }
      NDArray targetBK = micro.manager().create(flat, new Shape(rows.length, labels));
      return RewardRegressionLoss.loss(
          micro.scoresBTC().get(":, 0"),
          targetBK,
          targetBK.onesLike(),
          head,
          (long) targets.size() * labels);
    }

    @Override
    public void measure(Tally tally, Map<String, Double> metrics) {
      metrics.put("reward-model/labels", (double) targets.size() * labels);
    }
  }
}
