package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.algorithms.preference.SequenceLogp;
import dev.troupe.algorithms.pro.ProLoss;
import dev.troupe.algorithms.pro.ProSettings;
import dev.troupe.algorithms.pro.RankedLists;
import dev.troupe.algorithms.pro.Temperature;
import dev.troupe.runtime.rollout.RolloutRow.Lesson;
import dev.troupe.runtime.settings.ProStage;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Preference ranking optimization: each candidate of a ranking against all that are worse, by the
 * policy's mean log-probability of a token, and cross-entropy on the best one.
 */
final class ProObjective implements Objective {
  private final ProSettings settings;
  private final int listLength;
  private final double temperature;
  private List<Credit> credits = List.of();

  /**
   * @param listLength candidates of a ranking
   * @param temperature at which they are sampled
   */
  ProObjective(ProSettings settings, int listLength, double temperature) {
    this.settings = settings;
    this.listLength = listLength;
    this.temperature = temperature;
  }

  static PreferenceKind.Method method(ProStage stage, Workbench bench) {
    return new PreferenceKind.Method(
        new ProObjective(
            new ProSettings(
                stage.temperature() ? Temperature.REWARD_GAP : Temperature.NONE,
                stage.supervisedWeight(),
                stage.supervisedMean(),
                0),
            stage.listLength(),
            stage.sampling().temperature()),
        stage.listLength(),
        Anchors.NONE);
  }

  @Override
  public List<Credit> credits() {
    return credits;
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    List<Ranking> rankings =
        Ranking.of(groups).stream().map(ranking -> ranking.spread(listLength)).toList();
    List<TrainingSequence> candidates = candidates(rankings);
    var measures = new PreferenceMeasures();
    var read = new ReadTokens(candidates);
    if (!rankings.isEmpty()) {
      measures.add(
          trainer.step(
              candidates,
              Selection.RESPONSE,
              temperature,
              read.over(micro -> loss(micro, rankings, candidates))));
      measures.add(
          "ranking/reward-gap",
          rankings.stream()
              .mapToDouble(ranking -> ranking.rewards()[0] - last(ranking.rewards()))
              .average()
              .getAsDouble());
    }
    credits = credits(rankings, read);
    return measures.metrics(groups, candidates);
  }

  /**
   * {@link #listLength} rows a ranking; where it is shorter a prompt alone, which is no candidate.
   */
  private List<TrainingSequence> candidates(List<Ranking> rankings) {
    var candidates = new ArrayList<TrainingSequence>();
    for (Ranking ranking : rankings) {
      int[] prompt = ranking.group().group().promptTokens();
      for (int k = 0; k < listLength; k++) {
        if (k < ranking.rows().length) {
          Rollout rollout = ranking.group().group().rollouts().get(ranking.rows()[k]);
          candidates.add(Sequences.of(ranking.group().group(), rollout));
        } else {
          candidates.add(new TrainingSequence(prompt, prompt.length));
        }
      }
    }
    return candidates;
  }

  private List<Credit> credits(List<Ranking> rankings, ReadTokens read) {
    var told = new ArrayList<Credit>();
    for (int i = 0; i < rankings.size(); i++) {
      Ranking ranking = rankings.get(i);
      for (int k = 0; k < ranking.rows().length; k++) {
        ReadTokens.Tokens tokens = read.of(i * listLength + k);
        var lesson =
            new Lesson(
                "rank %d of %d".formatted(k + 1, ranking.rows().length),
                "mean log-probability",
                mean(tokens.policy()),
                tokens.pulls());
        told.add(Credit.ofLesson(ranking.index(), ranking.rows()[k], tokens, lesson));
      }
    }
    return told;
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (int t = 0; values != null && t < values.length; t++) {
      sum += values[t];
    }
    return values == null ? Double.NaN : sum / values.length;
  }

  private NDArray loss(
      MicroBatch micro, List<Ranking> rankings, List<TrainingSequence> candidates) {
    int count = micro.rows().length / listLength;
    NDArray sumLogpEL =
        SequenceLogp.sum(micro.logpBT(), micro.maskBT()).reshape(new Shape(count, listLength));
    RankedLists lists = lists(micro, rankings, candidates);
    preferences(micro, ProLoss.scores(sumLogpEL, lists), rankings);
    return ProLoss.loss(sumLogpEL, lists, settings, rankings.size());
  }

  /** The rankings of a micro-batch, whose rows are whole lists. */
  private RankedLists lists(
      MicroBatch micro, List<Ranking> rankings, List<TrainingSequence> candidates) {
    int count = micro.rows().length / listLength;
    int[][] tokens = new int[count][listLength];
    double[][] rewards = new double[count][listLength];
    for (int e = 0; e < count; e++) {
      double[] ranked = ranking(micro, e, rankings).rewards();
      for (int k = 0; k < listLength; k++) {
        tokens[e][k] = candidates.get(micro.rows()[e * listLength + k]).responseLength();
        rewards[e][k] = k < ranked.length ? ranked[k] : 0;
      }
    }
    return RankedLists.of(tokens, rewards);
  }

  /** Every two candidates of different rewards are a pair. */
  private void preferences(MicroBatch micro, NDArray scoreEL, List<Ranking> rankings) {
    float[] scores = scoreEL.stopGradient().toFloatArray();
    var better = new ArrayList<Float>();
    var worse = new ArrayList<Float>();
    for (int e = 0; e < micro.rows().length / listLength; e++) {
      double[] rewards = ranking(micro, e, rankings).rewards();
      for (int i = 0; i < rewards.length; i++) {
        for (int j = i + 1; j < rewards.length; j++) {
          if (rewards[i] > rewards[j]) {
            better.add(scores[e * listLength + i]);
            worse.add(scores[e * listLength + j]);
          }
        }
      }
    }
    PreferenceMeasures.PAIRS.keep(
        micro.tally(),
        PreferenceMetrics.of(
            micro.manager().create(array(better)), micro.manager().create(array(worse))));
  }

  private Ranking ranking(MicroBatch micro, int list, List<Ranking> rankings) {
    return rankings.get(micro.rows()[list * listLength] / listLength);
  }

  private static double last(double[] values) {
    return values[values.length - 1];
  }

  private static float[] array(List<Float> values) {
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }
}
