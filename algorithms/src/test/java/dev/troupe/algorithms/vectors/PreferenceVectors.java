package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.dpo.DpoLoss;
import dev.troupe.algorithms.dpo.DpoSettings;
import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.algorithms.reward.BradleyTerryLoss;
import dev.troupe.algorithms.sft.SftLoss;
import dev.troupe.algorithms.testing.Torch;
import java.util.Map;

/** Learning from demonstrations and from pairs. */
final class PreferenceVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "foundations";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "sft_cross_entropy", PreferenceVectors::sft,
        "dpo_loss", PreferenceVectors::dpo,
        "dpo_loss_label_smoothing", PreferenceVectors::dpo,
        "bradley_terry", PreferenceVectors::bradleyTerry,
        "bradley_terry_margin", PreferenceVectors::bradleyTerry);
  }

  private static Map<String, Object> sft(VectorCase vector, NDManager manager) {
    double[][] rows = vector.matrix("shifted_logits");
    NDArray logits = Torch.matrix(manager, rows);
    NDArray labels =
        Torch.vector(manager, vector.vector("shifted_labels"))
            .toType(DataType.INT64, false)
            .expandDims(1);
    float[][] mask = {Torch.narrow(vector.vector("completion_mask"))};
    NDArray weight = Torch.matrix(manager, Torch.widen(Aggregation.TOKEN_MEAN.weights(mask, 0)));
    Torch.Differentiated result =
        Torch.differentiate(
            () -> {
              NDArray logp = logits.logSoftmax(1).gather(labels, 1);
              return SftLoss.loss(logp.reshape(1, rows.length), weight);
            },
            logits);
    return Map.of(
        "loss", result.loss(),
        "dloss_dlogits", Torch.rows(result.gradients()[0], rows[0].length));
  }

  private static Map<String, Object> dpo(VectorCase vector, NDManager manager) {
    NDArray chosen = Torch.vector(manager, vector.vector("policy_chosen"));
    NDArray rejected = Torch.vector(manager, vector.vector("policy_rejected"));
    NDArray refChosen = Torch.vector(manager, vector.vector("ref_chosen"));
    NDArray refRejected = Torch.vector(manager, vector.vector("ref_rejected"));
    var settings = new DpoSettings(vector.param("beta"), vector.param("label_smoothing"));
    long pairs = chosen.getShape().get(0);
    Torch.Differentiated result =
        Torch.differentiate(
            () -> DpoLoss.loss(chosen, rejected, refChosen, refRejected, settings, pairs),
            chosen,
            rejected);
    NDArray chosenReward = DpoLoss.implicitReward(chosen, refChosen, settings.beta());
    NDArray rejectedReward = DpoLoss.implicitReward(rejected, refRejected, settings.beta());
    return Map.of(
        "loss", result.loss(),
        "per_pair_logit", HostCopy.doubles(chosenReward.sub(rejectedReward)),
        "chosen_reward", HostCopy.doubles(chosenReward),
        "rejected_reward", HostCopy.doubles(rejectedReward),
        "accuracy", PreferenceMetrics.of(chosenReward, rejectedReward).accuracy(),
        "dloss_dpolicy_chosen", result.gradients()[0],
        "dloss_dpolicy_rejected", result.gradients()[1]);
  }

  private static Map<String, Object> bradleyTerry(VectorCase vector, NDManager manager) {
    NDArray chosen = Torch.vector(manager, vector.vector("chosen"));
    NDArray rejected = Torch.vector(manager, vector.vector("rejected"));
    NDArray margin = Torch.vector(manager, vector.vector("margin"));
    long pairs = chosen.getShape().get(0);
    Torch.Differentiated result =
        Torch.differentiate(
            () -> BradleyTerryLoss.loss(chosen, rejected, margin, 0, pairs), chosen, rejected);
    return Map.of(
        "loss",
        result.loss(),
        "dloss_dchosen",
        result.gradients()[0],
        "dloss_drejected",
        result.gradients()[1],
        "accuracy",
        PreferenceMetrics.of(chosen, rejected).accuracy());
  }
}
