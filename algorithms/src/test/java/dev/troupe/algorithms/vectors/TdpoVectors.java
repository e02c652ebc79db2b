package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.dpo.DpoLoss;
import dev.troupe.algorithms.dpo.DpoSettings;
import dev.troupe.algorithms.kl.VocabularyDivergence;
import dev.troupe.algorithms.preference.SequenceLogp;
import dev.troupe.algorithms.tdpo.TdpoLoss;
import dev.troupe.algorithms.tdpo.TdpoSettings;
import dev.troupe.algorithms.testing.Torch;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Token-level DPO, from the logits of one pair. */
final class TdpoVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "tdpo";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "tdpo1", TdpoVectors::run,
        "tdpo2_alpha_0.5", TdpoVectors::run,
        "tdpo2_alpha_1_has_tdpo1_value_but_other_gradient", TdpoVectors::run,
        "dpo_same_inputs", TdpoVectors::run);
  }

  private static Map<String, Object> run(VectorCase vector, NDManager manager) {
    Side chosen = Side.of(vector, manager, "chosen");
    Side rejected = Side.of(vector, manager, "rejected");
    double beta = vector.param("beta");
    Supplier<NDArray> logit;
    Supplier<NDArray> loss;
    if (vector.text("variant").equals("dpo")) {
      var settings = new DpoSettings(beta, 0);
      logit = () -> dpoReward(chosen, beta).sub(dpoReward(rejected, beta));
      loss =
          () -> {
            TdpoLoss.Responses w = chosen.responses();
            TdpoLoss.Responses l = rejected.responses();
            return DpoLoss.loss(w.logpP(), l.logpP(), w.refLogpP(), l.refLogpP(), settings, 1);
          };
    } else {
      TdpoSettings settings =
          vector.text("variant").equals("tdpo1")
              ? TdpoSettings.tdpo1(beta)
              : TdpoSettings.tdpo2(beta, vector.param("alpha"));
      logit = () -> TdpoLoss.logit(chosen.responses(), rejected.responses(), settings);
      loss = () -> TdpoLoss.loss(chosen.responses(), rejected.responses(), settings, 1);
    }
    Torch.Differentiated result =
        Torch.differentiate(loss, chosen.policyLogits, rejected.policyLogits);

    Map<String, Object> results = new HashMap<>();
    results.put("scaled_logit", HostCopy.scalar(logit.get()));
    results.put("loss", result.loss());
    results.put(
        "dloss_dpolicy_logits_chosen", Torch.rows(result.gradients()[0], chosen.vocabulary()));
    results.put(
        "dloss_dpolicy_logits_rejected", Torch.rows(result.gradients()[1], rejected.vocabulary()));
    Map.of("chosen", chosen, "rejected", rejected)
        .forEach(
            (name, side) -> {
              TdpoLoss.Responses one = side.responses();
              results.put(name + "_margin", HostCopy.scalar(one.logpP().sub(one.refLogpP())));
              results.put(name + "_seq_kl_ref_to_policy", HostCopy.scalar(one.divergenceP()));
              results.put(
                  "logged_" + name + "_reward",
                  HostCopy.scalar(TdpoLoss.implicitReward(one, beta)));
            });
    return results;
  }

  private static NDArray dpoReward(Side side, double beta) {
    TdpoLoss.Responses one = side.responses();
    return DpoLoss.implicitReward(one.logpP(), one.refLogpP(), beta);
  }

  /** One response: logits of every position, (T, V), and its tokens, (T). */
  private record Side(NDArray policyLogits, NDArray refLogits, NDArray tokens) {
    static Side of(VectorCase vector, NDManager manager, String name) {
      return new Side(
          Torch.matrix(manager, vector.matrix("policy_logits_" + name)),
          Torch.matrix(manager, vector.matrix("ref_logits_" + name)),
          Torch.vector(manager, vector.vector(name + "_tokens"))
              .toType(DataType.INT64, false)
              .expandDims(1));
    }

    int vocabulary() {
      return (int) policyLogits.getShape().get(1);
    }

    TdpoLoss.Responses responses() {
      NDArray logpTV = policyLogits.logSoftmax(1);
      NDArray refLogpTV = refLogits.logSoftmax(1);
      NDArray divergenceBT =
          VocabularyDivergence.REFERENCE_TO_POLICY.perPosition(
              logpTV.expandDims(0), refLogpTV.expandDims(0));
      NDArray maskBT = divergenceBT.onesLike();
      return new TdpoLoss.Responses(
          SequenceLogp.sum(picked(logpTV), maskBT),
          SequenceLogp.sum(picked(refLogpTV), maskBT),
          SequenceLogp.sum("divergenceBT", divergenceBT, maskBT));
    }

    private NDArray picked(NDArray logpTV) {
      return logpTV.gather(tokens, 1).reshape(new Shape(1, tokens.getShape().get(0)));
    }
  }
}
