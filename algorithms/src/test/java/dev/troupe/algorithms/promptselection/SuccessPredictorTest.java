package dev.troupe.algorithms.promptselection;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.algorithms.calibration.CalibrationMetrics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The planted interaction of the specification's experiment E3, and its falsification. */
class SuccessPredictorTest {
  private static final int QUERIES = 600;
  private static final int PROMPTS = 4;
  private static final PredictorSettings INTERACTIONS = new PredictorSettings(true, 1e-3);
  private static final PredictorSettings ADDITIVE = new PredictorSettings(false, 1e-3);

  @Test
  void findsThePromptThatHelpsEachQuery() {
    World world = new World(true, 7);
    QuerySplit split = QuerySplit.of(world.trials(), 0.3, 1);
    SuccessPredictor predictor = SuccessPredictor.fit(split.train(), INTERACTIONS);
    Held held = world.heldOut(split);
    double selected =
        PromptSelection.successRate(
            held.success, PromptSelection.choose(predictor.table(held.features, prompts())));
    double fixed =
        PromptSelection.successRate(held.success, PromptSelection.bestFixed(held.success));
    double oracle = PromptSelection.oracle(held.success);
    // Success is 0.9 with the right prompt of four and 0.3 with another.
    assertTrue(selected > 0.8, "selected " + selected);
    assertTrue(fixed < 0.55, "best fixed " + fixed);
    assertTrue(oracle >= selected, "oracle " + oracle);
    // The true probabilities have 0.5 * 0.9545 + 0.5 * 0.5 = 0.727: half of the successes, and
    // 0.025 / 0.55 of the failures, have the right prompt.
    assertEquals(0.727, auroc(predictor, split.heldOut()), 0.04);
  }

  @Test
  void anAdditiveModelCannotChooseByTheQuery() {
    World world = new World(true, 7);
    QuerySplit split = QuerySplit.of(world.trials(), 0.3, 1);
    SuccessPredictor additive = SuccessPredictor.fit(split.train(), ADDITIVE);
    int[] chosen = PromptSelection.choose(additive.table(world.heldOut(split).features, prompts()));
    Set<Integer> distinct = new HashSet<>();
    for (int prompt : chosen) {
      distinct.add(prompt);
    }
    assertEquals(1, distinct.size());
    double gain =
        auroc(SuccessPredictor.fit(split.train(), INTERACTIONS), split.heldOut())
            - auroc(additive, split.heldOut());
    assertTrue(gain > 0.15, "gain " + gain);
  }

  @Test
  void withoutInteractionTheChoiceGainsNothing() {
    World world = new World(false, 7);
    QuerySplit split = QuerySplit.of(world.trials(), 0.3, 1);
    SuccessPredictor predictor = SuccessPredictor.fit(split.train(), INTERACTIONS);
    Held held = world.heldOut(split);
    double selected =
        PromptSelection.successRate(
            held.success, PromptSelection.choose(predictor.table(held.features, prompts())));
    double fixed =
        PromptSelection.successRate(held.success, PromptSelection.bestFixed(held.success));
    assertTrue(selected <= fixed + 0.05, "selected %s, best fixed %s".formatted(selected, fixed));
  }

  @Test
  void oneConstantFeatureHasTheClosedFormOfTheInterceptAlone() {
    List<Trial> trials = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      trials.add(new Trial("q" + i, new double[0], new double[0], i > 0));
    }
    double ridge = 0.1;
    double p =
        SuccessPredictor.fit(trials, new PredictorSettings(true, ridge))
            .predict(new double[0], new double[0]);
    // the slope p - 3/4 + ridge * w of the objective is 0, with w = ln(p / (1 - p))
    assertEquals(0, p - 0.75 + ridge * Math.log(p / (1 - p)), 1e-9);
  }

  @Test
  void theAdditiveModelLearnsBothMainEffects() {
    List<Trial> trials = new ArrayList<>();
    double[][] corners = {{0, 0}, {0, 4}, {4, 0}, {4, 4}};
    int[] successesOfTen = {1, 3, 7, 9};
    for (int corner = 0; corner < 4; corner++) {
      for (int i = 0; i < 10; i++) {
        double[] query = {corners[corner][0]};
        double[] prompt = {corners[corner][1]};
        trials.add(new Trial("q" + i, query, prompt, i < successesOfTen[corner]));
      }
    }
    double ridge = 0.01;
    var predictor = SuccessPredictor.fit(trials, new PredictorSettings(false, ridge));
    double[][] table = predictor.table(new double[][] {{0}, {4}}, new double[][] {{0}, {4}});
    // Balanced and standardised, so at the optimum each effect is (successes where the feature is
    // high, less those where it is low) / 40, less the same of the predictions, over the ridge.
    double query = (0.7 + 0.9 - 0.1 - 0.3 - table[1][0] - table[1][1] + table[0][0] + table[0][1]);
    double prompt = (0.3 + 0.9 - 0.1 - 0.7 - table[0][1] - table[1][1] + table[0][0] + table[1][0]);
    assertEquals(logit(table[1][0]) - logit(table[0][0]), 2 * query / 4 / ridge, 1e-6);
    assertEquals(logit(table[0][1]) - logit(table[0][0]), 2 * prompt / 4 / ridge, 1e-6);
    assertEquals(logit(table[1][1]) - logit(table[0][1]), 2 * query / 4 / ridge, 1e-6);
    assertTrue(table[0][0] < table[0][1] && table[0][1] < table[1][0]);
  }

  private static double logit(double probability) {
    return Math.log(probability / (1 - probability));
  }

  @Test
  void theScaleOfAFeatureDoesNotMatterNorItsShiftWithoutProducts() {
    assertSamePredictions(INTERACTIONS, 1000, 0);
    assertSamePredictions(ADDITIVE, 1000, 5);
  }

  private static void assertSamePredictions(
      PredictorSettings settings, double scale, double shift) {
    List<Trial> trials = new World(true, 3).trials();
    List<Trial> changed = new ArrayList<>();
    for (Trial trial : trials) {
      double[] features = trial.queryFeatures().clone();
      features[0] = features[0] * scale + shift;
      changed.add(new Trial(trial.query(), features, trial.promptFeatures(), trial.isSuccess()));
    }
    SuccessPredictor plain = SuccessPredictor.fit(trials, settings);
    SuccessPredictor other = SuccessPredictor.fit(changed, settings);
    for (double[] prompt : prompts()) {
      assertEquals(
          plain.predict(new double[] {0.3, -0.4}, prompt),
          other.predict(new double[] {0.3 * scale + shift, -0.4}, prompt),
          1e-6);
    }
  }

  @Test
  void logsThatAreSeparableGiveFiniteWeights() {
    List<Trial> trials = new ArrayList<>();
    for (int i = -5; i <= 5; i++) {
      trials.add(new Trial("q" + i, new double[] {i * 1e6}, new double[] {1}, i > 0));
    }
    SuccessPredictor predictor = SuccessPredictor.fit(trials, new PredictorSettings(true, 1e-6));
    double high = predictor.predict(new double[] {1e6}, new double[] {1});
    double low = predictor.predict(new double[] {-1e6}, new double[] {1});
    assertTrue(high > 0.9 && high < 1, "" + high);
    assertTrue(low < 0.1 && low > 0, "" + low);
  }

  @Test
  void aQueryIsNeverOnBothSidesAndStaysOnItsSide() {
    List<Trial> trials = new World(true, 1).trials();
    QuerySplit split = QuerySplit.of(trials, 0.3, 5);
    assertEquals(trials.size(), split.train().size() + split.heldOut().size());
    Set<String> train = new HashSet<>();
    split.train().forEach(trial -> train.add(trial.query()));
    assertTrue(split.heldOut().stream().noneMatch(trial -> train.contains(trial.query())));
    double share = split.heldOut().size() / (double) trials.size();
    // 600 queries: a deviation of 0.0187 from 0.3
    assertEquals(0.3, share, 0.06);
    QuerySplit half = QuerySplit.of(trials.subList(0, trials.size() / 2), 0.3, 5);
    assertEquals(half.heldOut(), split.heldOut().subList(0, half.heldOut().size()));
    assertEquals(0, QuerySplit.of(trials, 0, 5).heldOut().size());
    assertEquals(0, QuerySplit.of(trials, 1, 5).train().size());
    assertTrue(!QuerySplit.of(trials, 0.3, 6).heldOut().equals(split.heldOut()));
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused("ridge is 0.0, expected a number above 0", () -> new PredictorSettings(true, 0));
    assertRefused(
        "trials is empty, expected at least 1",
        () -> SuccessPredictor.fit(List.of(), INTERACTIONS));
    assertRefused(
        "queryFeatures of q at index 0 is NaN, expected a finite number",
        () -> new Trial("q", new double[] {Double.NaN}, new double[0], true));
    assertRefused(
        "promptFeatures of q at index 0 is NaN, expected a finite number",
        () -> new Trial("q", new double[0], new double[] {Double.NaN}, true));
    Trial one = new Trial("q", new double[1], new double[1], true);
    Trial two = new Trial("q", new double[2], new double[1], true);
    Trial wide = new Trial("q", new double[1], new double[2], true);
    assertRefused(
        "queryFeatures of trial 1 has length 2, expected 1 like queryFeatures of trial 0",
        () -> SuccessPredictor.fit(List.of(one, two), INTERACTIONS));
    assertRefused(
        "promptFeatures of trial 1 has length 2, expected 1 like promptFeatures of trial 0",
        () -> SuccessPredictor.fit(List.of(one, wide), INTERACTIONS));
    SuccessPredictor predictor = SuccessPredictor.fit(List.of(one), INTERACTIONS);
    assertRefused(
        "query has length 2, expected 1 like queryFeatures of the logs",
        () -> predictor.predict(new double[2], new double[1]));
    assertRefused(
        "prompt has length 2, expected 1 like promptFeatures of the logs",
        () -> predictor.predict(new double[1], new double[2]));
    assertRefused(
        "query at index 0 is NaN, expected a finite number",
        () -> predictor.predict(new double[] {Double.NaN}, new double[1]));
    assertRefused(
        "prompt at index 0 is NaN, expected a finite number",
        () -> predictor.predict(new double[1], new double[] {Double.NaN}));
    assertRefused(
        "heldOutShare is 1.5, expected a number in [0.0, 1.0]",
        () -> QuerySplit.of(List.of(one), 1.5, 1));
  }

  @Test
  void theFeaturesOfATrialCannotBeChangedFromOutside() {
    double[] features = {1};
    Trial trial = new Trial("q", features, features, true);
    features[0] = 2;
    assertArrayEquals(new double[] {1}, trial.queryFeatures());
    assertArrayEquals(new double[] {1}, trial.promptFeatures());
  }

  private static double auroc(SuccessPredictor predictor, List<Trial> trials) {
    double[] scores = new double[trials.size()];
    boolean[] outcomes = new boolean[trials.size()];
    for (int i = 0; i < scores.length; i++) {
      Trial trial = trials.get(i);
      scores[i] = predictor.predict(trial.queryFeatures(), trial.promptFeatures());
      outcomes[i] = trial.isSuccess();
    }
    return CalibrationMetrics.auroc(scores, outcomes);
  }

  private static double[][] prompts() {
    double[][] prompts = new double[PROMPTS][PROMPTS];
    for (int p = 0; p < PROMPTS; p++) {
      prompts[p][p] = 1;
    }
    return prompts;
  }

  /** Expected success of every prompt on the queries that were held out. */
  private record Held(double[][] features, double[][] success) {}

  /**
   * Queries are points of a square and each prompt belongs to one quadrant, or, without
   * interaction, prompt 2 is the best everywhere.
   */
  private static final class World {
    private final double[][] features = new double[QUERIES][];
    private final double[][] probability = new double[QUERIES][PROMPTS];
    private final List<Trial> trials = new ArrayList<>();

    World(boolean hasInteraction, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int q = 0; q < QUERIES; q++) {
        features[q] = new double[] {random.nextDouble(-1, 1), random.nextDouble(-1, 1)};
        int right =
            hasInteraction ? (features[q][0] > 0 ? 1 : 0) + (features[q][1] > 0 ? 2 : 0) : 2;
        for (int p = 0; p < PROMPTS; p++) {
          probability[q][p] = p == right ? 0.9 : 0.3;
          boolean isSuccess = random.nextDouble() < probability[q][p];
          trials.add(new Trial("query " + q, features[q], prompts()[p], isSuccess));
        }
      }
    }

    List<Trial> trials() {
      return trials;
    }

    Held heldOut(QuerySplit split) {
      Set<String> ids = new HashSet<>();
      split.heldOut().forEach(trial -> ids.add(trial.query()));
      List<double[]> heldFeatures = new ArrayList<>();
      List<double[]> heldSuccess = new ArrayList<>();
      for (int q = 0; q < QUERIES; q++) {
        if (ids.contains("query " + q)) {
          heldFeatures.add(features[q]);
          heldSuccess.add(probability[q]);
        }
      }
      return new Held(heldFeatures.toArray(new double[0][]), heldSuccess.toArray(new double[0][]));
    }
  }
}
