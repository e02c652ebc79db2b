package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.grpo.GrpoLoss;
import dev.troupe.algorithms.grpo.GrpoSettings;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.policy.PolicyBatch;
import dev.troupe.algorithms.policy.PolicyMetrics;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The clipped policy losses: PPO, GRPO and its variants. */
final class PolicyLossVectors implements VectorFamily {
  static final Map<String, Aggregation> AGGREGATIONS =
      Map.of(
          "token-mean", Aggregation.TOKEN_MEAN,
          "seq-mean-token-mean", Aggregation.SEQUENCE_MEAN_TOKEN_MEAN,
          "seq-mean-token-sum", Aggregation.SEQUENCE_MEAN_TOKEN_SUM,
          "constant", Aggregation.CONSTANT_LENGTH);
  private static final Pattern SAMPLE_STD = Pattern.compile("mean\\+sample_std\\(eps=(.+)\\)");

  @Override
  public String algorithm() {
    return "foundations";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "ppo_clipped_policy_loss", PolicyLossVectors::clipped,
        "ppo_dual_clip", PolicyLossVectors::dualClip,
        "grpo_loss_sequence_mean", PolicyLossVectors::grpo,
        "dapo_loss_token_mean_clip_higher", PolicyLossVectors::grpo,
        "dr_grpo_loss_constant_length", PolicyLossVectors::grpo);
  }

  private static Map<String, Object> clipped(VectorCase vector, NDManager manager) {
    double[][] mask = vector.matrix("mask");
    Batch batch = Batch.of(vector, manager, vector.matrix("advantage"));
    Map<String, Object> results = new HashMap<>();
    results.put(
        "ratio",
        Ragged.masked(Torch.rows(ClippedSurrogate.ratio(batch.logp, batch.oldLogp)), mask));
    GrpoSettings settings = settings(vector, Aggregation.TOKEN_MEAN, 0, GroupAdvantage.centred());
    results.put("token_loss", batch.tokenLoss(settings));
    PolicyMetrics metrics = batch.metrics(settings);
    results.put("clip_fraction", metrics.clipFraction());
    results.put("approx_kl_k3_of_ratio", metrics.meanOldKlK3());
    for (String name : new String[] {"token-mean", "seq-mean-token-mean", "seq-mean-token-sum"}) {
      results.put(
          name, batch.loss(settings(vector, AGGREGATIONS.get(name), 0, GroupAdvantage.centred())));
    }
    return results;
  }

  private static Map<String, Object> dualClip(VectorCase vector, NDManager manager) {
    Batch batch = Batch.of(vector, manager, vector.matrix("advantage"));
    GrpoSettings without = settings(vector, Aggregation.TOKEN_MEAN, 0, GroupAdvantage.centred());
    GrpoSettings with =
        settings(
            vector, Aggregation.TOKEN_MEAN, vector.param("dual_clip"), GroupAdvantage.centred());
    return Map.of(
        "token_loss_without", batch.tokenLoss(without),
        "token_loss_with", batch.tokenLoss(with),
        "loss", batch.loss(with).get("loss"));
  }

  private static Map<String, Object> grpo(VectorCase vector, NDManager manager) {
    Matcher sampleStd = SAMPLE_STD.matcher(vector.text("advantage"));
    GroupAdvantage estimator =
        sampleStd.matches()
            ? GroupAdvantage.normalised(Deviation.SAMPLE, Double.parseDouble(sampleStd.group(1)))
            : GroupAdvantage.centred();
    double[] advantage = estimator.of(vector.vector("group_rewards"));
    double[][] spread = vector.matrix("logprob");
    for (int b = 0; b < spread.length; b++) {
      Arrays.fill(spread[b], advantage[b]);
    }
    Batch batch = Batch.of(vector, manager, spread);
    GrpoSettings settings =
        settings(vector, AGGREGATIONS.get(vector.text("aggregation")), 0, estimator);
    Map<String, Object> results = new HashMap<>(batch.loss(settings));
    results.put("advantage", advantage);
    results.put("mean_k3", batch.metrics(settings).meanRefKlK3());
    return results;
  }

  private static GrpoSettings settings(
      VectorCase vector, Aggregation aggregation, double dualClip, GroupAdvantage advantage) {
    return new GrpoSettings(
        vector.param("clip_low"),
        vector.param("clip_high"),
        dualClip,
        KlEstimator.K3,
        vector.param("kl_beta", 0),
        aggregation,
        advantage,
        (int) vector.param("constant_length", 0));
  }

  /** The arrays of a case. */
  private record Batch(
      NDManager manager,
      NDArray logp,
      NDArray oldLogp,
      NDArray refLogp,
      NDArray advantage,
      double[][] mask) {

    static Batch of(VectorCase vector, NDManager manager, double[][] advantage) {
      return new Batch(
          manager,
          Torch.matrix(manager, vector.matrix("logprob")),
          Torch.matrix(manager, vector.matrix("old_logprob")),
          vector.inputs().has("ref_logprob")
              ? Torch.matrix(manager, vector.matrix("ref_logprob"))
              : null,
          Torch.matrix(manager, advantage),
          vector.matrix("mask"));
    }

    Map<String, Object> loss(GrpoSettings settings) {
      Torch.Differentiated result =
          Torch.differentiate(
              () -> GrpoLoss.loss(logp, oldLogp, refLogp, advantage, weight(settings), settings),
              logp);
      return Map.of(
          "loss", result.loss(),
          "dloss_dlogprob", Torch.rows(result.gradients()[0], mask[0].length));
    }

    double[][] tokenLoss(GrpoSettings settings) {
      NDArray loss =
          settings.surrogate().perToken(logp, ClippedSurrogate.ratio(logp, oldLogp), advantage);
      return Ragged.masked(Torch.rows(loss), mask);
    }

    PolicyMetrics metrics(GrpoSettings settings) {
      return PolicyMetrics.of(
          PolicyBatch.of(logp, oldLogp, advantage, weight(settings)).withReference(refLogp),
          settings.policyLoss());
    }

    private NDArray weight(GrpoSettings settings) {
      float[][] weights =
          settings.aggregation().weights(Torch.narrow(mask), settings.constantLength());
      return Torch.matrix(manager, Torch.widen(weights));
    }
  }
}
