package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.algorithms.calibration.CalibrationMetrics;
import dev.troupe.algorithms.promptselection.NgramFeatures;
import dev.troupe.algorithms.promptselection.PredictorSettings;
import dev.troupe.algorithms.promptselection.PromptSelection;
import dev.troupe.algorithms.promptselection.QuerySplit;
import dev.troupe.algorithms.promptselection.SuccessPredictor;
import dev.troupe.algorithms.promptselection.Trial;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.PromptSelectionStage;
import dev.troupe.runtime.statistics.PairedDifference;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How well queries are asked when a predictor that never saw them chooses the way, beside the best
 * single way (by the logs), a random one, and the best one for each query in hindsight.
 */
final class PromptChoice {
  static final String SELECTED = "prompts/selected";
  static final String BEST_FIXED = "prompts/best-fixed";

  private PromptChoice() {}

  /**
   * Learns from some of the queries and chooses for the others.
   *
   * @param all queries with the success of every way of asking
   * @param seed decides which queries are held out
   * @return what was measured on those, by metric name
   * @throws RunException if one of the two sides has no query
   */
  static Map<String, Double> measures(PromptSelectionStage settings, PromptTrials all, long seed) {
    // Split: by query, or the predictor would remember how hard each of them is.
    QuerySplit split =
        QuerySplit.of(all.trials(query -> new double[0]), settings.heldOutShare(), seed);
    PromptTrials logs = only(all, split.train());
    PromptTrials heldOut = only(all, split.heldOut());
    if (heldOut.queries().isEmpty() || logs.queries().isEmpty()) {
      throw new RunException(
          "Stage %s has %d queries to learn from and %d to be judged by; ask more queries."
              .formatted(settings.name(), logs.queries().size(), heldOut.queries().size()));
    }
    NgramFeatures features =
        NgramFeatures.of(
            logs.queries().stream().map(Example::prompt).toList(), settings.features());

    // Learn, with and without what a query and a template make of each other.
    SuccessPredictor full =
        SuccessPredictor.fit(
            logs.trials(features::of), new PredictorSettings(true, settings.ridge()));
    SuccessPredictor additive =
        SuccessPredictor.fit(
            logs.trials(features::of), new PredictorSettings(false, settings.ridge()));

    // Choose, and compare with what else could be done.
    double[][] success = heldOut.successQP();
    int[] chosen = PromptSelection.choose(table(full, features, heldOut));
    int fixed = PromptSelection.bestFixed(logs.successQP());
    var metrics = new LinkedHashMap<String, Double>();
    metrics.put(SELECTED, PromptSelection.successRate(success, chosen));
    metrics.put(BEST_FIXED, PromptSelection.successRate(success, fixed));
    metrics.put("prompts/oracle", PromptSelection.oracle(success));
    metrics.put(
        "prompts/random",
        Arrays.stream(success).flatMapToDouble(Arrays::stream).average().orElseThrow());
    metrics.put(
        "prompts/additive",
        PromptSelection.successRate(
            success, PromptSelection.choose(table(additive, features, heldOut))));
    metrics.put("prompts/auroc", auroc(full, heldOut.trials(features::of)));
    PairedDifference gain =
        PairedDifference.of(
            Arrays.stream(success).mapToDouble(row -> row[fixed]).toArray(),
            IntStream.range(0, chosen.length).mapToDouble(q -> success[q][chosen[q]]).toArray(),
            seed);
    metrics.put("prompts/gain", gain.mean());
    metrics.put("prompts/gain-low", gain.interval95().low());
    metrics.put("prompts/gain-high", gain.interval95().high());
    metrics.put("prompts/queries", (double) success.length);
    return metrics;
  }

  private static PromptTrials only(PromptTrials all, List<Trial> side) {
    Set<String> ids = new HashSet<>();
    side.forEach(trial -> ids.add(trial.query()));
    return all.only(
        IntStream.range(0, all.queries().size())
            .filter(q -> ids.contains(all.queries().get(q).id()))
            .boxed()
            .toList());
  }

  private static double[][] table(
      SuccessPredictor predictor, NgramFeatures features, PromptTrials asked) {
    return predictor.table(
        asked.queries().stream().map(query -> features.of(query.prompt())).toArray(double[][]::new),
        IntStream.range(0, asked.successQP()[0].length)
            .mapToObj(asked::indicator)
            .toArray(double[][]::new));
  }

  private static double auroc(SuccessPredictor predictor, List<Trial> trials) {
    double[] scores = new double[trials.size()];
    boolean[] isRight = new boolean[scores.length];
    for (int i = 0; i < scores.length; i++) {
      Trial trial = trials.get(i);
      scores[i] = predictor.predict(trial.queryFeatures(), trial.promptFeatures());
      isRight[i] = trial.isSuccess();
    }
    return CalibrationMetrics.auroc(scores, isRight);
  }
}
