package dev.troupe.actors.run;

import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Measure;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.settings.StageSettings;
import dev.troupe.runtime.statistics.PairedDifference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the evaluations of a run say together: each for itself, and the last against the first.
 *
 * @param files the evaluations, in the order of the stages
 * @param seed of the resampling in intervals
 */
record HeldOutResults(List<EvaluationFile> files, long seed) {
  private static final String TASK = "held-out prompts";
  private static final String PART = "held-out ";

  /** Leaves out evaluations in which nothing could be scored. */
  HeldOutResults {
    files = files.stream().filter(file -> file.trials() > 0).toList();
  }

  /** What each evaluation found. */
  List<Evaluation> evaluations() {
    return files.stream().flatMap(file -> evaluations(file, seed).stream()).toList();
  }

  /** What one evaluation with something scored found: its number first, then the details. */
  static List<Evaluation> evaluations(EvaluationFile file, long seed) {
    var found = new ArrayList<Evaluation>();
    found.add(evaluation(file, seed));
    file.details()
        .components()
        .forEach(
            (name, means) ->
                found.add(
                    new Evaluation(
                        PART + name, moment(file), Measure.meanReward(array(means), seed))));
    if (file.details().hasConfidence()) {
      found.addAll(CalibrationResults.of(file.details(), moment(file), seed));
    }
    return found;
  }

  private static Evaluation evaluation(EvaluationFile file, long seed) {
    double[] scores = array(file.scores());
    Measure measure =
        file.measures() == Quantity.ACCURACY
            ? Measure.accuracy(scores, seed)
            : Measure.meanReward(scores, seed);
    return new Evaluation(TASK, moment(file), measure);
  }

  private static String moment(EvaluationFile file) {
    return file.stage().equals(StageSettings.MODEL) ? "before training" : "after " + file.stage();
  }

  /** First against last model, by their number and by every part of it that both have. */
  List<RunSummary.Comparison> comparisons() {
    var comparisons = new ArrayList<>(comparison().stream().toList());
    if (comparisons.isEmpty()) {
      return List.of();
    }
    EvaluationFile before = files.get(0);
    EvaluationFile after = files.get(files.size() - 1);
    Map<String, List<Double>> first = before.details().components();
    after
        .details()
        .components()
        .forEach(
            (name, is) -> {
              if (first.containsKey(name) && before.examples().equals(after.examples())) {
                comparisons.add(
                    new RunSummary.Comparison(
                        PART + name,
                        Quantity.MEAN_REWARD,
                        PairedDifference.of(array(first.get(name)), array(is), seed)));
              }
            });
    return comparisons;
  }

  /** First against last model on the prompts that both have scores for. */
  Optional<RunSummary.Comparison> comparison() {
    if (files.size() < 2) {
      return Optional.empty();
    }
    EvaluationFile before = files.get(0);
    EvaluationFile after = files.get(files.size() - 1);
    if (before.measures() != after.measures()) {
      return Optional.empty();
    }
    Map<Integer, Double> first = new HashMap<>();
    for (int i = 0; i < before.examples().size(); i++) {
      first.put(before.examples().get(i), before.scores().get(i));
    }
    List<Double> was = new ArrayList<>();
    List<Double> is = new ArrayList<>();
    for (int i = 0; i < after.examples().size(); i++) {
      Double score = first.get(after.examples().get(i));
      if (score != null) {
        was.add(score);
        is.add(after.scores().get(i));
      }
    }
    return was.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new RunSummary.Comparison(
                TASK, after.measures(), PairedDifference.of(array(was), array(is), seed)));
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Completions of the last model, with what the first one wrote behind the same prompts. */
  List<RunSummary.Sample> samples() {
    if (files.isEmpty()) {
      return List.of();
    }
    Map<Integer, RunSummary.Answer> before = new HashMap<>();
    if (files.size() > 1) {
      files.get(0).samples().forEach(sample -> before.put(sample.example(), answer(sample)));
    }
    return files.get(files.size() - 1).samples().stream()
        .map(
            sample ->
                new RunSummary.Sample(
                    sample.prompt(),
                    Optional.ofNullable(sample.expected()),
                    Optional.ofNullable(before.get(sample.example())),
                    answer(sample)))
        .toList();
  }

  private static RunSummary.Answer answer(EvaluationFile.Sample sample) {
    return new RunSummary.Answer(sample.completion(), sample.reward());
  }
}
