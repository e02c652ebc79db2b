package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.ppo.ValueLoss;
import dev.troupe.algorithms.testing.Torch;
import java.util.Map;

/** The critic of PPO. */
final class CriticVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "foundations";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of("value_loss_clipped", CriticVectors::valueLoss);
  }

  private static Map<String, Object> valueLoss(VectorCase vector, NDManager manager) {
    double[][] mask = vector.matrix("mask");
    NDArray value = Torch.matrix(manager, vector.matrix("value"));
    NDArray old = Torch.matrix(manager, vector.matrix("old_value"));
    NDArray target = Torch.matrix(manager, vector.matrix("return"));
    NDArray weight =
        Torch.matrix(manager, Torch.widen(Aggregation.TOKEN_MEAN.weights(Torch.narrow(mask), 0)));
    ValueLoss loss = new ValueLoss(vector.param("value_clip", 0));
    var result = Torch.differentiate(() -> loss.loss(value, old, target, weight), value);
    return Map.of(
        "loss", result.loss(),
        "dloss_dvalue", Torch.rows(result.gradients()[0], mask[0].length));
  }
}
