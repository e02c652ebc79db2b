package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.aggregation.ValidTokens;
import dev.troupe.algorithms.cispo.CispoLoss;
import dev.troupe.algorithms.gspo.GspoLoss;
import dev.troupe.algorithms.offpolicy.DecoupledPpo;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection.Bound;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection.Level;
import dev.troupe.algorithms.policy.PolicyBatch;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Methods that differ in their ratio, in what they clip, or in whose samples they learn from. */
final class RatioVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "foundations";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "gspo_loss", RatioVectors::gspo,
        "gspo_loss_published_clip", RatioVectors::gspo,
        "cispo_loss", RatioVectors::cispo,
        "truncated_importance_sampling", RatioVectors::truncated,
        "decoupled_ppo", RatioVectors::decoupled);
  }

  private static Map<String, Object> gspo(VectorCase vector, NDManager manager) {
    Batch batch = Batch.ofGroup(vector, manager, Aggregation.SEQUENCE_MEAN_TOKEN_MEAN);
    PolicyLoss loss = GspoLoss.of(vector.param("clip_low"), vector.param("clip_high"));
    double[][] ratio = batch.ratio(loss);
    double[] sequenceRatio = new double[ratio.length];
    boolean[] isClipped = new boolean[ratio.length];
    for (int b = 0; b < ratio.length; b++) {
      sequenceRatio[b] = ratio[b][0];
      isClipped[b] = loss.surrogate().isClipped(ratio[b][0], batch.advantage[b][0]);
    }
    Map<String, Object> results = batch.loss(loss);
    results.put("sequence_ratio", sequenceRatio);
    results.put("clipped", isClipped);
    return results;
  }

  private static Map<String, Object> cispo(VectorCase vector, NDManager manager) {
    Batch batch =
        Batch.ofGroup(
            vector, manager, PolicyLossVectors.AGGREGATIONS.get(vector.text("aggregation")));
    CispoLoss cispo =
        new CispoLoss(vector.param("weight_lower_bound", 0), vector.param("weight_upper_bound"));
    // With a log-probability and an advantage of 1 the loss of a token is its negative weight.
    NDArray ratio = Torch.matrix(manager, batch.ratio(cispo.policyLoss()));
    NDArray weight = cispo.perToken(ratio.onesLike(), ratio, ratio.onesLike()).neg();
    Map<String, Object> results = batch.loss(cispo.policyLoss());
    results.put("stop_gradient_weight", Ragged.masked(Torch.rows(weight), batch.mask));
    return results;
  }

  private static Map<String, Object> truncated(VectorCase vector, NDManager manager) {
    Batch batch = Batch.of(vector, manager, "old_logprob", "generator_logprob");
    double cap = vector.param("cap");
    ImportanceCorrection truncated = ImportanceCorrection.truncated(cap);
    Map<String, Object> results = new HashMap<>();
    results.put("raw_ratio", batch.weights(ImportanceCorrection.unbounded()));
    results.put("token_weight", batch.weights(truncated));
    results.put(
        "token_mask_weight",
        batch.weights(new ImportanceCorrection(Level.TOKEN, Bound.MASK, 0, cap)));
    results.put("sequence_ratio_product", batch.sequenceRatio(Level.SEQUENCE_PRODUCT));
    results.put(
        "sequence_ratio_geometric_mean", batch.sequenceRatio(Level.SEQUENCE_GEOMETRIC_MEAN));
    Map<String, Object> loss = batch.loss(DecoupledPpo.of(clip(vector), truncated));
    results.put("loss_token_truncate", loss.get("loss"));
    results.put("dloss_dlogprob", loss.get("dloss_dlogprob"));
    return results;
  }

  private static Map<String, Object> decoupled(VectorCase vector, NDManager manager) {
    Batch batch = Batch.of(vector, manager, "proximal_logprob", "behaviour_logprob");
    ImportanceCorrection behaviour =
        ImportanceCorrection.truncated(
            vector.param("behaviour_weight_cap", Double.POSITIVE_INFINITY));
    Map<String, Object> results = batch.loss(DecoupledPpo.of(clip(vector), behaviour));
    results.put("behaviour_weight", batch.weights(behaviour));
    return results;
  }

  private static ClippedSurrogate clip(VectorCase vector) {
    return new ClippedSurrogate(vector.param("clip_low"), vector.param("clip_high"), 0);
  }

  /** The arrays of a case. */
  private record Batch(
      NDManager manager,
      NDArray logp,
      NDArray old,
      NDArray generator,
      double[][] advantage,
      double[][] mask,
      Aggregation aggregation) {

    static Batch of(VectorCase vector, NDManager manager, String old, String generator) {
      return new Batch(
          manager,
          Torch.matrix(manager, vector.matrix("logprob")),
          Torch.matrix(manager, vector.matrix(old)),
          Torch.matrix(manager, vector.matrix(generator)),
          vector.matrix("advantage"),
          vector.matrix("mask"),
          Aggregation.TOKEN_MEAN);
    }

    /** The rows are the responses to one prompt, with advantages as in GRPO. */
    static Batch ofGroup(VectorCase vector, NDManager manager, Aggregation aggregation) {
      double[] advantage = GroupAdvantage.normalised().of(vector.vector("group_rewards"));
      double[][] spread = vector.matrix("logprob");
      for (int b = 0; b < spread.length; b++) {
        Arrays.fill(spread[b], advantage[b]);
      }
      return new Batch(
          manager,
          Torch.matrix(manager, vector.matrix("logprob")),
          Torch.matrix(manager, vector.matrix("old_logprob")),
          null,
          spread,
          vector.matrix("mask"),
          aggregation);
    }

    Map<String, Object> loss(PolicyLoss loss) {
      NDArray weight =
          Torch.matrix(manager, Torch.widen(aggregation.weights(Torch.narrow(mask), 0)));
      PolicyBatch batch =
          PolicyBatch.of(logp, old, Torch.matrix(manager, advantage), weight)
              .withGenerator(generator);
      var result = Torch.differentiate(() -> loss.loss(batch), logp);
      Map<String, Object> results = new HashMap<>();
      results.put("loss", result.loss());
      results.put("dloss_dlogprob", Torch.rows(result.gradients()[0], mask[0].length));
      return results;
    }

    double[][] ratio(PolicyLoss loss) {
      return Torch.rows(
          loss.ratio().of(valid().keep("logp", logp), valid().keep("old", old), valid()));
    }

    double[][] weights(ImportanceCorrection correction) {
      return Torch.rows(
          correction.weights(
              valid().keep("old", old), valid().keep("generator", generator), valid()));
    }

    /** The ratio of each row; a number if there is one row. */
    Object sequenceRatio(Level level) {
      var correction = new ImportanceCorrection(level, Bound.TRUNCATE, 0, Double.POSITIVE_INFINITY);
      double[] ratios =
          Arrays.stream(Torch.rows(correction.ratios(old, generator, valid())))
              .mapToDouble(row -> row[0])
              .toArray();
      return ratios.length == 1 ? ratios[0] : ratios;
    }

    private ValidTokens valid() {
      return ValidTokens.ofMask(Torch.matrix(manager, mask));
    }
  }
}
