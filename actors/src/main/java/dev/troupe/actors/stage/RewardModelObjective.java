package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.StepReport;
import dev.troupe.runtime.training.Tally;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainingSequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Teaches a reward model what graded rewards say of the completions of a frozen policy; in its last
 * steps it is only measured, on completions that it was not trained on.
 */
final class RewardModelObjective implements Objective {
  private final long trainingSteps;
  private final RewardLesson lesson;
  private final RewardReader reader;
  private final Function<Outcome, double[]> grades;
  private final RewardModelMeasures measures;
  private final boolean isSquashed;

  /**
   * @param trainingSteps steps before those that measure
   * @param grades what the scores of a completion should agree with; null when it has no grade
   * @param isSquashed whether outputs become scores by the logistic function
   */
  RewardModelObjective(
      long trainingSteps,
      RewardLesson lesson,
      RewardReader reader,
      Function<Outcome, double[]> grades,
      List<String> names,
      boolean isSquashed) {
    this.trainingSteps = trainingSteps;
    this.lesson = lesson;
    this.reader = reader;
    this.grades = grades;
    this.measures = new RewardModelMeasures(names, isSquashed);
    this.isSquashed = isSquashed;
  }

  @Override
  public List<Memory> memories() {
    return List.of(measures);
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    var metrics = new LinkedHashMap<>(RewardMetrics.of(groups));
    if (step < trainingSteps) {
      teach(trainer, groups, metrics);
    } else {
      measure(trainer, groups, metrics);
    }
    return metrics;
  }

  private void teach(Trainer trainer, List<ScoredGroup> groups, Map<String, Double> metrics) {
    RewardLesson.Step step = lesson.of(groups);
    var reports = new StepReports();
    var tally = new Tally();
    if (!step.sequences().isEmpty()) {
      StepReport report = trainer.step(step.sequences(), Selection.LAST, 1, step.loss());
      reports.add(report);
      tally = report.tally();
    }
    reports.into(metrics);
    metrics.remove(Metric.ENTROPY.name()); // The vocabulary is left out of the computation.
    step.measure(tally, metrics);
    long tokens = step.sequences().stream().mapToLong(TrainingSequence::responseLength).sum();
    metrics.put(Metric.TOKENS_TRAINED.name(), (double) tokens);
  }

  private void measure(Trainer trainer, List<ScoredGroup> groups, Map<String, Double> metrics) {
    for (ScoredGroup scored : groups) {
      Group group = scored.group();
      var wanted = new ArrayList<double[]>();
      var sequences = new ArrayList<TrainingSequence>();
      for (int row = 0; row < scored.outcomes().size(); row++) {
        double[] grade = grades.apply(scored.outcomes().get(row));
        if (grade != null) {
          wanted.add(grade);
          sequences.add(reader.of(group, group.rollouts().get(row)));
        }
      }
      double[][] scores =
          trainer.scores(sequences).stream()
              .map(outputs -> RewardModelCard.scoresOf(outputs, isSquashed))
              .toArray(double[][]::new);
      measures.add(scores, wanted.toArray(double[][]::new));
    }
    RewardModelCard card = measures.card();
    card.measures().forEach((name, value) -> metrics.put("reward-model/held-out/" + name, value));
    metrics.put(Metric.TOKENS_TRAINED.name(), 0.0);
  }

  @Override
  public Consumer<Path> description() {
    RewardModelCard card = measures.card();
    return card::write;
  }
}
