package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.grpo.GrpoLoss;
import dev.troupe.algorithms.grpo.GrpoSettings;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.testing.Torch;
import java.util.Map;

/** The GRPO step at the end of methods that differ in how they make advantages. */
final class GroupPolicy {
  private static final Map<String, Aggregation> AGGREGATIONS =
      Map.of(
          "token-mean", Aggregation.TOKEN_MEAN,
          "seq-mean-token-mean", Aggregation.SEQUENCE_MEAN_TOKEN_MEAN,
          "seq-mean-token-sum", Aggregation.SEQUENCE_MEAN_TOKEN_SUM);

  private GroupPolicy() {}

  /** The loss with its gradient, one row for each response. */
  record Step(double loss, double[][] gradient) {}

  /** One step with an advantage for each response, which is that of all its tokens. */
  static Step step(VectorCase vector, NDManager manager, double[] advantage, double[][] mask) {
    double[][] spread = new double[mask.length][];
    for (int b = 0; b < mask.length; b++) {
      spread[b] = mask[b].clone();
      for (int t = 0; t < mask[b].length; t++) {
        spread[b][t] = advantage[b];
      }
    }
    double clip = vector.param("clip");
    var settings =
        new GrpoSettings(
            clip,
            clip,
            vector.param("dual_clip", 0),
            KlEstimator.K3,
            vector.param("kl_beta", 0),
            AGGREGATIONS.get(vector.text("aggregation")),
            GroupAdvantage.normalised(),
            0);
    NDArray logp = Torch.matrix(manager, vector.matrix("logprob"));
    NDArray old = Torch.matrix(manager, vector.matrix("old_logprob"));
    NDArray reference = Torch.matrix(manager, vector.matrix("ref_logprob"));
    NDArray weight =
        Torch.matrix(manager, Torch.widen(settings.aggregation().weights(Torch.narrow(mask), 0)));
    var result =
        Torch.differentiate(
            () ->
                GrpoLoss.loss(
                    logp, old, reference, Torch.matrix(manager, spread), weight, settings),
            logp);
    return new Step(result.loss(), Torch.rows(result.gradients()[0], mask[0].length));
  }
}
