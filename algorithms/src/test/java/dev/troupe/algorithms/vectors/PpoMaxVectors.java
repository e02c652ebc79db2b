package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.GeneralizedAdvantage;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.advantage.Whitening;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.grpo.GrpoLoss;
import dev.troupe.algorithms.grpo.GrpoSettings;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.ppo.ValueLoss;
import dev.troupe.algorithms.ppomax.AdvantageClip;
import dev.troupe.algorithms.ppomax.EntropyTarget;
import dev.troupe.algorithms.ppomax.InverseSquareRootSchedule;
import dev.troupe.algorithms.ppomax.LossWeights;
import dev.troupe.algorithms.ppomax.RewardTransform;
import dev.troupe.algorithms.ppomax.RunningMoments;
import dev.troupe.algorithms.rto.Granularity;
import dev.troupe.algorithms.rto.TokenLogps;
import dev.troupe.algorithms.rto.TokenReward;
import dev.troupe.algorithms.testing.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The parts of PPO-max. */
final class PpoMaxVectors implements VectorFamily {
  private static final double WHITENING_EPSILON = 1e-6;

  @Override
  public String algorithm() {
    return "ppo-max";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "running_moments_reward_transform", PpoMaxVectors::transform,
        "rollout_to_advantage", PpoMaxVectors::advantage,
        "total_loss", PpoMaxVectors::totalLoss,
        "inverse_sqrt_schedule", PpoMaxVectors::schedule);
  }

  private static Map<String, Object> transform(VectorCase vector, NDManager manager) {
    var scale = new RewardTransform(RewardTransform.Scaling.SCALE, 0, 0, 0);
    var normalise = new RewardTransform(RewardTransform.Scaling.NORMALISE, 0, 0, 0);
    RewardTransform clip = RewardTransform.paper(vector.param("reward_clip"));
    RunningMoments moments =
        new RunningMoments(vector.param("initial_count", RunningMoments.INITIAL_COUNT), 0, 1);
    List<Map<String, Object>> batches = new ArrayList<>();
    for (double[] batch : vector.matrix("batches")) {
      RewardTransform.Transformed scaled = scale.of(batch, moments);
      batches.add(
          Map.of(
              "mean", scaled.moments().mean(),
              "std", scaled.moments().deviation(),
              "scaled", scaled.rewards(),
              "normalised", normalise.of(batch, moments).rewards(),
              "normalised_clipped", clip.of(batch, moments).rewards()));
      moments = scaled.moments();
    }
    return Map.of("after_each_batch", batches);
  }

  private static Map<String, Object> advantage(VectorCase vector, NDManager manager) {
    double[][] mask = vector.matrix("mask");
    double[][] policy = Ragged.take(vector.matrix("logprob"), mask);
    double[][] reference = Ragged.take(vector.matrix("ref_logprob"), mask);
    double[][] value = Ragged.take(vector.matrix("value"), mask);
    double[] outcome = vector.vector("scaled_reward");
    var tokenReward =
        new TokenReward(0, vector.param("kl_penalty_weight"), 1, 0, 0, Granularity.TOKEN);
    var estimator = new GeneralizedAdvantage(vector.param("gamma"), vector.param("lambda"));
    double[][] reward = new double[mask.length][];
    double[][] advantage = new double[mask.length][];
    double[][] returns = new double[mask.length][];
    for (int b = 0; b < mask.length; b++) {
      var logps = new TokenLogps(Torch.narrow(policy[b]), Torch.narrow(reference[b]), null, null);
      reward[b] = Torch.widen(tokenReward.of(logps, outcome[b], null));
      var estimate = estimator.of(reward[b], value[b]);
      advantage[b] = estimate.advantage();
      returns[b] = estimate.returns();
    }
    double[][] white = new Whitening(Deviation.POPULATION, WHITENING_EPSILON).of(advantage);
    double[][] clipped = new AdvantageClip(vector.param("advantage_clip")).of(white);
    return Map.of(
        "token_reward", Ragged.put(reward, mask),
        "advantage", Ragged.put(advantage, mask),
        "return", Ragged.put(returns, mask),
        "whitened_population_eps_1e-6", Ragged.put(white, mask),
        "whitened_then_clipped", Ragged.put(clipped, mask));
  }

  private static Map<String, Object> totalLoss(VectorCase vector, NDManager manager) {
    double[][] mask = vector.matrix("mask");
    NDArray weight =
        Torch.matrix(manager, Torch.widen(Aggregation.TOKEN_MEAN.weights(Torch.narrow(mask), 0)));
    NDArray logp = Torch.matrix(manager, vector.matrix("logprob"));
    NDArray old = Torch.matrix(manager, vector.matrix("old_logprob"));
    NDArray advantage = Torch.matrix(manager, vector.matrix("advantage"));
    NDArray value = Torch.matrix(manager, vector.matrix("value"));
    NDArray oldValue = Torch.matrix(manager, vector.matrix("old_value"));
    NDArray target = Torch.matrix(manager, vector.matrix("return"));
    double entropy = vector.number("mean_entropy");
    NDArray entropyBT = Torch.matrix(manager, new double[] {entropy});
    NDArray pretrain = manager.create(vector.number("pretrain_cross_entropy"));
    GrpoSettings settings = clipped(vector.param("pg_clip"));
    ValueLoss valueLoss = new ValueLoss(vector.param("value_clip", 0));
    NDArray entropyTerm =
        new EntropyTarget(vector.param("entropy_target"))
            .loss(entropyBT, entropyBT.onesLike(), entropy);
    LossWeights weights =
        new LossWeights(
            vector.param("vf_weight"),
            vector.param("entropy_weight"),
            vector.param("pretrain_weight"));
    var policy =
        Torch.differentiate(
            () -> GrpoLoss.loss(logp, old, null, advantage, weight, settings), logp);
    var critic = Torch.differentiate(() -> valueLoss.loss(value, oldValue, target, weight), value);
    var total =
        Torch.differentiate(
            () ->
                weights.total(
                    GrpoLoss.loss(logp, old, null, advantage, weight, settings),
                    valueLoss.loss(value, oldValue, target, weight),
                    entropyTerm,
                    pretrain),
            logp,
            value);
    requireScaled(policy.gradients()[0], 1, total.gradients()[0]);
    requireScaled(critic.gradients()[0], weights.value(), total.gradients()[1]);
    return Map.of(
        "policy_loss", policy.loss(),
        "value_loss", critic.loss(),
        "entropy_term", HostCopy.scalar(entropyTerm),
        "total", total.loss(),
        "dpolicy_loss_dlogprob", Torch.rows(policy.gradients()[0], mask[0].length),
        "dvalue_loss_dvalue", Torch.rows(critic.gradients()[0], mask[0].length));
  }

  /** The gradient of the total is that of its parts, which the case gives. */
  private static void requireScaled(double[] part, double weight, double[] total) {
    for (int i = 0; i < part.length; i++) {
      if (Math.abs(weight * part[i] - total[i]) > 1e-12) {
        throw new AssertionError(
            "gradient of the total is %s, expected %s times %s"
                .formatted(Arrays.toString(total), weight, Arrays.toString(part)));
      }
    }
  }

  private static GrpoSettings clipped(double clip) {
    return new GrpoSettings(
        clip, clip, 0, KlEstimator.K3, 0, Aggregation.TOKEN_MEAN, GroupAdvantage.centred(), 0);
  }

  private static Map<String, Object> schedule(VectorCase vector, NDManager manager) {
    var schedule = new InverseSquareRootSchedule((int) vector.param("warmup_steps"));
    return Map.of(
        "multiplier",
        Arrays.stream(vector.vector("step"))
            .map(step -> schedule.multiplier((long) step))
            .toArray());
  }
}
