package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.grpo.GrpoSettings;
import dev.troupe.algorithms.policy.PolicyBatch;
import dev.troupe.algorithms.policy.PolicyMetrics;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Group-relative policy optimization. The probability ratio is taken against the policy that
 * sampled, by the log-probabilities it reported, so it also corrects for a policy that is some
 * versions older.
 */
final class GrpoObjective implements Objective {
  private final GrpoSettings settings;
  private final TokenAdvantages advantages;
  private final double temperature;
  private final int epochs;
  private final int miniBatches;

  /**
   * @param advantages how rewards become token advantages, with or without shaping
   * @param temperature at which the groups are sampled
   * @param epochs passes over the groups of a step
   * @param miniBatches optimizer steps of one pass
   */
  GrpoObjective(
      GrpoSettings settings,
      TokenAdvantages advantages,
      double temperature,
      int epochs,
      int miniBatches) {
    this.settings = settings;
    this.advantages = advantages;
    this.temperature = temperature;
    this.epochs = epochs;
    this.miniBatches = miniBatches;
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    var reports = new StepReports();
    var drift = new Drift();
    var mismatch = new Mismatch();
    var metrics = new LinkedHashMap<>(RewardMetrics.of(groups));
    double shaped = 0;
    long tokens = 0;

    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int part = 0; part < miniBatches; part++) {
        // Compare: the advantage of each token within its group.
        GroupBatch batch = GroupBatch.of(part(groups, part), advantages);
        if (batch.isEmpty()) {
          continue;
        }
        // Weigh: each token's share in the loss of the mini-batch.
        List<float[]> weights =
            Arrays.asList(
                settings.aggregation().weights(batch.lengths(), settings.constantLength()));

        // Train.
        boolean first = epoch == 0 && part == 0;
        reports.add(
            trainer.step(
                batch.sequences(),
                Selection.RESPONSE,
                temperature,
                micro -> loss(micro, batch, weights, drift, first ? mismatch : null)));
        if (epoch == 0) {
          shaped += batch.shaping();
          tokens += batch.tokens();
        }
      }
    }

    reports.into(metrics);
    drift.into(metrics, settings.klCoefficient() > 0);
    mismatch.into(metrics);
    if (advantages.isShaped()) {
      metrics.put("shaping/mean", tokens == 0 ? 0 : shaped / tokens);
    }
    metrics.put(Metric.TOKENS_TRAINED.name(), (double) tokens);
    return metrics;
  }

  private NDArray loss(
      MicroBatch micro, GroupBatch batch, List<float[]> weights, Drift drift, Mismatch mismatch) {
    NDArray logpBT = micro.logpBT();
    NDArray behaviourBT = micro.rows(batch.behaviour());
    NDArray referenceBT = settings.klCoefficient() > 0 ? micro.rows(batch.reference()) : null;
    NDArray advantageBT = micro.rows(batch.advantages());
    NDArray weightBT = micro.rows(weights);
    var tokens =
        PolicyBatch.of(logpBT, behaviourBT, advantageBT, weightBT).withReference(referenceBT);
    drift.add(PolicyMetrics.of(tokens, settings.policyLoss()));
    if (mismatch != null) {
      mismatch.add(logpBT, behaviourBT, micro.maskBT());
    }
    return settings.policyLoss().loss(tokens);
  }

  private List<ScoredGroup> part(List<ScoredGroup> groups, int part) {
    int size = groups.size() / miniBatches;
    return groups.subList(part * size, (part + 1) * size);
  }

  /** How far the policy is from others, over all micro-batches. */
  private static final class Drift {
    private PolicyMetrics sum = PolicyMetrics.NONE;

    void add(PolicyMetrics part) {
      sum = sum.and(part);
    }

    void into(Map<String, Double> metrics, boolean hasReference) {
      if (sum.tokens() == 0) {
        return;
      }
      metrics.put(Metric.RATIO_CLIPPED.name(), sum.clipFraction());
      metrics.put("ratio/mean", sum.meanRatio());
      metrics.put(Metric.KL_BEHAVIOUR.name(), sum.meanOldKlK3());
      if (hasReference) {
        metrics.put(Metric.KL_REFERENCE.name(), sum.meanRefKlK3());
        metrics.put("kl/reference-k1", sum.meanRefKlK1());
      }
    }
  }

  /**
   * How differently sampler and learner compute the probability of a token. With staleness 0 both
   * use the same weights in the first mini-batch, and what is left is the numbers' fault.
   */
  private static final class Mismatch {
    private double sum;
    private double highest;
    private long tokens;

    void add(NDArray logpBT, NDArray behaviourBT, NDArray maskBT) {
      float[] learner = logpBT.stopGradient().toFloatArray();
      float[] sampler = behaviourBT.toFloatArray();
      float[] mask = maskBT.toFloatArray();
      for (int i = 0; i < mask.length; i++) {
        if (mask[i] != 0) {
          double difference = Math.abs((double) learner[i] - sampler[i]);
          sum += difference;
          highest = Math.max(highest, difference);
          tokens++;
        }
      }
    }

    void into(Map<String, Double> metrics) {
      if (tokens > 0) {
        metrics.put("mismatch/mean", sum / tokens);
        metrics.put("mismatch/max", highest);
      }
    }
  }
}
