package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.calibration.CalibratedReward;
import dev.troupe.algorithms.calibration.CalibrationRule;
import dev.troupe.algorithms.calibration.Confidence;
import dev.troupe.algorithms.rlmt.UnparsedReward;
import dev.troupe.runtime.checkpoint.Checkpoint;
import dev.troupe.runtime.settings.ModelRewardSettings;
import dev.troupe.runtime.settings.RewardView;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the scores of a reward model are worth: normalised, combined to one reward for each
 * completion, and changed by what the completion is or says of itself. What was scored with a
 * failure of the recipe's own reward counts all the same, unless that reward is a part of it.
 */
final class ModelRewards implements Memory {
  private static final String FILE = "model-rewards.json";
  private static final String LAMBDA = "lambda";
  private static final String AVERAGE = "average";

  private final ModelRewardSettings settings;
  private final Workbench bench;
  private final RewardReader reader;
  private RewardModelCard card;
  private Combination combination;
  private double average;

  ModelRewards(ModelRewardSettings settings, Workbench bench) {
    this.settings = settings;
    this.bench = bench;
    this.reader = new RewardReader(settings.view(), bench.prompts());
    this.combination = Combination.of(settings);
  }

  @Override
  public void open() {
    Checkpoint model = bench.store(settings.stage()).latest().orElseThrow();
    card = RewardModelCard.read(model.directory());
    combination = Combination.of(settings);
    // Rewards that are normalised have the mean 0; otherwise PPO-C starts with the model's own.
    average = 0;
    if (!settings.normalise()) {
      for (int k = 0; k < card.mean().size(); k++) {
        average += settings.weights().get(k) * card.mean().get(k);
      }
    }
  }

  /**
   * @param metrics of the step, to which the scores are added
   * @return the reward of each completion of each group, in order; NaN for one that has none
   */
  List<double[]> of(List<ScoredGroup> groups, Map<String, Double> metrics) {
    double[][][] scores = groups.stream().map(this::scores).toArray(double[][][]::new);
    measure(scores, metrics);
    double[][][] learnt = settings.normalise() ? normalised(scores) : scores;
    double[][] rewards = combination.of(learnt);
    combination = combination.after(learnt);
    combination.measure(metrics);
    judgeForm(groups, rewards, metrics);
    judgeConfidence(groups, rewards, metrics);
    addRecipe(groups, rewards);
    metrics.put(
        "reward-model/reward",
        Arrays.stream(rewards).flatMapToDouble(Arrays::stream).average().orElse(0));
    return List.of(rewards);
  }

  private double[][] scores(ScoredGroup group) {
    return group.reference().scores().stream().map(card::scoresOf).toArray(double[][]::new);
  }

  private double[][][] normalised(double[][][] scores) {
    return Arrays.stream(scores)
        .map(group -> Arrays.stream(group).map(card::normalised).toArray(double[][]::new))
        .toArray(double[][][]::new);
  }

  /** Different trade-offs can have the same reward, so each score is recorded for itself. */
  private void measure(double[][][] scores, Map<String, Double> metrics) {
    for (int k = 0; k < card.scores().size(); k++) {
      int output = k;
      double mean =
          Arrays.stream(scores)
              .flatMap(Arrays::stream)
              .mapToDouble(row -> row[output])
              .average()
              .orElse(0);
      metrics.put("reward-model/score/" + card.scores().get(k), mean);
    }
  }

  /** RLMT: what an answer is worth that is not there. */
  private void judgeForm(
      List<ScoredGroup> groups, double[][] rewards, Map<String, Double> metrics) {
    if (settings.view().kind() != RewardView.Kind.ANSWER) {
      return;
    }
    UnparsedReward unparsed = UnparsedReward.valueOf(settings.unparsed().name());
    long parsed = 0;
    long all = 0;
    for (int g = 0; g < rewards.length; g++) {
      List<Rollout> rollouts = groups.get(g).group().rollouts();
      boolean[] isParsed = new boolean[rollouts.size()];
      for (int i = 0; i < isParsed.length; i++) {
        isParsed[i] = reader.isParsed(rollouts.get(i));
        parsed += isParsed[i] ? 1 : 0;
        all++;
      }
      rewards[g] = unparsed.of(rewards[g], isParsed);
    }
    metrics.put("format/parsed", (double) parsed / all);
  }

  /** PPO-C: the rewards of the whole step against one running average. */
  private void judgeConfidence(
      List<ScoredGroup> groups, double[][] rewards, Map<String, Double> metrics) {
    ModelRewardSettings.Confidence wanted = settings.confidence();
    if (wanted.rule() == ModelRewardSettings.Confidence.Rule.NONE) {
      return;
    }
    List<Confidence> stated =
        groups.stream()
            .flatMap(group -> group.group().rollouts().stream())
            .map(rollout -> Confidence.parse(rollout.text(), Confidence.IF_MISSING))
            .toList();
    CalibratedReward.Batch batch =
        new CalibratedReward(
                CalibrationRule.valueOf(wanted.rule().name()),
                wanted.weight(),
                wanted.averageRate(),
                wanted.clip())
            .of(
                average,
                Arrays.stream(rewards).flatMapToDouble(Arrays::stream).toArray(),
                stated.stream().mapToDouble(Confidence::value).toArray());
    average = batch.average();
    int next = 0;
    for (double[] group : rewards) {
      System.arraycopy(batch.rewards(), next, group, 0, group.length);
      next += group.length;
    }
    metrics.put("confidence/average-reward", average);
    metrics.put(
        "confidence/mean", stated.stream().mapToDouble(Confidence::value).average().orElse(0));
    metrics.put(
        "confidence/stated",
        stated.stream().mapToDouble(it -> it.isStated() ? 1 : 0).average().orElse(0));
  }

  private void addRecipe(List<ScoredGroup> groups, double[][] rewards) {
    if (settings.recipeWeight() == 0) {
      return;
    }
    for (int g = 0; g < rewards.length; g++) {
      double[] judged = GroupFacts.rewards(groups.get(g));
      for (int i = 0; i < judged.length; i++) {
        rewards[g][i] += settings.recipeWeight() * judged[i];
      }
    }
  }

  @Override
  public Consumer<Path> snapshot() {
    return Numbers.file(FILE, Map.of(LAMBDA, combination.lambda(), AVERAGE, average));
  }

  @Override
  public void read(Path directory) {
    Map<String, Double> numbers = Numbers.read(directory.resolve(FILE));
    combination = combination.withLambda(numbers.get(LAMBDA));
    average = numbers.get(AVERAGE);
  }
}
