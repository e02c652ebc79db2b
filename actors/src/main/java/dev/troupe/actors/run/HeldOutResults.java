package dev.troupe.actors.run;

import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Measure;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.settings.StageSettings;
import dev.troupe.runtime.statistics.Interval;
import dev.troupe.runtime.statistics.PairedDifference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

  /** What each evaluation found, those of one task beside each other. */
  List<Evaluation> evaluations() {
    var byTask = new LinkedHashMap<String, List<Evaluation>>();
    for (EvaluationFile file : files) {
      for (Evaluation evaluation : evaluations(file, seed)) {
        byTask.computeIfAbsent(evaluation.task(), task -> new ArrayList<>()).add(evaluation);
      }
    }
    var all = new ArrayList<Evaluation>();
    byTask.values().forEach(all::addAll);
    contests().forEach(contest -> all.addAll(contest.evaluations(seed)));
    return all;
  }

  /** What one evaluation with something scored found: its number first, then the details. */
  static List<Evaluation> evaluations(EvaluationFile file, long seed) {
    var found = new ArrayList<Evaluation>();
    found.add(new Evaluation(TASK, moment(file), measure(file.measures(), file.scores(), seed)));
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
    found.addAll(bestOf(file, seed));
    distance(file, seed).ifPresent(found::add);
    found.addAll(filters(file));
    return found;
  }

  /** How far the model is from its reference. */
  private static Optional<Evaluation> distance(EvaluationFile file, long seed) {
    return Optional.ofNullable(file.details().distance())
        .map(
            distance ->
                new Evaluation(
                    "KL to " + distance.reference(),
                    moment(file),
                    Measure.mean(Quantity.DIVERGENCE, array(distance.k3()), seed)));
  }

  /** How the filters of PF-PPO compare, the best one last. */
  private static List<Evaluation> filters(EvaluationFile file) {
    FilterComparison filters = file.details().filters();
    if (filters == null) {
      return List.of();
    }
    return filters.fits().stream()
        .map(
            fit ->
                new Evaluation(
                    "filters of PF-PPO " + moment(file),
                    fit.filter(),
                    new Measure(
                        Quantity.DETERMINATION,
                        fit.determination(),
                        new Interval(fit.low(), fit.high()),
                        filters.prompts())))
        .toList();
  }

  /**
   * What the evaluations recommend: a filter is chosen before training, so the first one counts.
   */
  List<String> advice() {
    return files.stream()
        .filter(file -> file.details().filters() != null)
        .limit(1)
        .map(file -> file.details().filters().sentence(moment(file)))
        .toList();
  }

  /** What the best of several completions is worth after one stage, for each number of them. */
  private static List<Evaluation> bestOf(EvaluationFile file, long seed) {
    return file.bestOf().stream()
        .filter(best -> !best.scores().isEmpty())
        .map(
            best ->
                new Evaluation(
                    "best of n " + moment(file),
                    best.label(),
                    measure(file.measures(), best.scores(), seed)))
        .toList();
  }

  /** The last model against each best of several completions of the first. */
  private List<Contest> contests() {
    if (files.size() < 2 || !isComparable()) {
      return List.of();
    }
    EvaluationFile base = files.get(0);
    EvaluationFile trained = files.get(files.size() - 1);
    return base.bestOf().stream()
        .filter(best -> best.n() > 1 && !best.scores().isEmpty())
        .map(best -> new Contest(base, best, trained))
        .toList();
  }

  private boolean isComparable() {
    return files.get(0).measures() == files.get(files.size() - 1).measures();
  }

  /**
   * One completion of a trained model against the best of several of the model it came from: what
   * costs training against what costs sampling.
   */
  private record Contest(EvaluationFile base, BestOfCompletions best, EvaluationFile trained) {
    String task() {
      return "%s against the best of %d".formatted(trained.stage(), best.n());
    }

    List<Evaluation> evaluations(long seed) {
      Quantity quantity = trained.measures();
      return List.of(
          new Evaluation(
              task(),
              "best of %d %s%s".formatted(best.n(), moment(base), bound()),
              measure(quantity, best.scores(), seed)),
          new Evaluation(
              task(),
              "one completion " + moment(trained) + distance(),
              measure(quantity, trained.scores(), seed)));
    }

    /** The price of each in nats, where both are known: what makes the contest fair. */
    private String bound() {
      return isPriced() ? ", at most %.2f nats away".formatted(best.divergenceBound()) : "";
    }

    private String distance() {
      return isPriced() ? ", " + trained.details().distance().label() : "";
    }

    private boolean isPriced() {
      ReferenceDistance distance = trained.details().distance();
      return distance != null && distance.reference().equals(base.stage());
    }

    Optional<RunSummary.Comparison> comparison(long seed) {
      return paired(
          task(),
          trained.measures(),
          best.examples(),
          best.scores(),
          trained.examples(),
          trained.scores(),
          seed);
    }
  }

  /** Every comparison of two rows of one task on the same prompts. */
  List<RunSummary.Comparison> comparisons() {
    var all = new ArrayList<RunSummary.Comparison>();
    comparison().ifPresent(all::add);
    all.addAll(parts());
    for (EvaluationFile file : files) {
      List<BestOfCompletions> bestOf =
          file.bestOf().stream().filter(best -> !best.scores().isEmpty()).toList();
      if (bestOf.size() > 1) {
        BestOfCompletions few = bestOf.get(0);
        BestOfCompletions many = bestOf.get(bestOf.size() - 1);
        paired(
                "best of n " + moment(file),
                file.measures(),
                few.examples(),
                few.scores(),
                many.examples(),
                many.scores(),
                seed)
            .ifPresent(all::add);
      }
    }
    contests().forEach(contest -> contest.comparison(seed).ifPresent(all::add));
    return all;
  }

  /** First against last model, by every part of their number that both have. */
  private List<RunSummary.Comparison> parts() {
    if (files.size() < 2) {
      return List.of();
    }
    EvaluationFile before = files.get(0);
    EvaluationFile after = files.get(files.size() - 1);
    var comparisons = new ArrayList<RunSummary.Comparison>();
    after
        .details()
        .components()
        .forEach(
            (name, is) -> {
              List<Double> was = before.details().components().get(name);
              if (was != null && before.examples().equals(after.examples())) {
                comparisons.add(
                    new RunSummary.Comparison(
                        PART + name,
                        Quantity.MEAN_REWARD,
                        PairedDifference.of(array(was), array(is), seed)));
              }
            });
    return comparisons;
  }

  private static Measure measure(Quantity quantity, List<Double> scores, long seed) {
    return quantity == Quantity.ACCURACY
        ? Measure.accuracy(array(scores), seed)
        : Measure.meanReward(array(scores), seed);
  }

  private static String moment(EvaluationFile file) {
    return file.stage().equals(StageSettings.MODEL) ? "before training" : "after " + file.stage();
  }

  /** First against last model on the prompts that both have scores for. */
  Optional<RunSummary.Comparison> comparison() {
    if (files.size() < 2) {
      return Optional.empty();
    }
    EvaluationFile before = files.get(0);
    EvaluationFile after = files.get(files.size() - 1);
    if (!isComparable()) {
      return Optional.empty();
    }
    return paired(
        TASK,
        after.measures(),
        before.examples(),
        before.scores(),
        after.examples(),
        after.scores(),
        seed);
  }

  private static Optional<RunSummary.Comparison> paired(
      String task,
      Quantity quantity,
      List<Integer> examplesBefore,
      List<Double> before,
      List<Integer> examplesAfter,
      List<Double> after,
      long seed) {
    Map<Integer, Double> first = new HashMap<>();
    for (int i = 0; i < examplesBefore.size(); i++) {
      first.put(examplesBefore.get(i), before.get(i));
    }
    List<Double> was = new ArrayList<>();
    List<Double> is = new ArrayList<>();
    for (int i = 0; i < examplesAfter.size(); i++) {
      Double score = first.get(examplesAfter.get(i));
      if (score != null) {
        was.add(score);
        is.add(after.get(i));
      }
    }
    return was.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new RunSummary.Comparison(
                task, quantity, PairedDifference.of(array(was), array(is), seed)));
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
