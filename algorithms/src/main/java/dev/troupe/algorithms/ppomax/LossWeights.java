package dev.troupe.algorithms.ppomax;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import java.util.ArrayList;
import java.util.List;

/**
 * The total loss of PPO-max: {@code policy + value * L_V + entropy * L_H + pretrain * L_ptx}. The
 * policy term is {@link dev.troupe.algorithms.ppo.ClippedSurrogate}, the value term {@link
 * dev.troupe.algorithms.ppo.ValueLoss}, the entropy term {@link EntropyTarget}, and the
 * pre-training term {@link dev.troupe.algorithms.sft.SftLoss} on other data (PPO-ptx, Ouyang et al.
 * 2022, eq. 2).
 *
 * @param value weight of the value term, 0 or more; 1 in MOSS-RLHF
 * @param entropy weight of the entropy term, 0 or more; 0 in MOSS-RLHF
 * @param pretrain weight of the pre-training term, 0 or more; 0 in MOSS-RLHF
 */
public record LossWeights(double value, double entropy, double pretrain) {
  /**
   * Checks every weight and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each weight that is negative or not finite
   */
  public LossWeights {
    List<String> problems = new ArrayList<>();
    requireNotNegative(problems, "value", value);
    requireNotNegative(problems, "entropy", entropy);
    requireNotNegative(problems, "pretrain", pretrain);
    Require.none("PPO-max loss weights", problems);
  }

  /**
   * Plain PPO with a critic: the value term at weight 1 and nothing else.
   *
   * @return the weights
   */
  public static LossWeights ppo() {
    return new LossWeights(1, 0, 0);
  }

  /**
   * The total. A term of weight 0 is left out, whatever it holds.
   *
   * @param policyLoss policy term, scalar, shape ()
   * @param valueLoss value term, shape (); may be null if its weight is 0, as may the others
   * @param entropyLoss entropy term, shape ()
   * @param pretrainLoss pre-training term, shape ()
   * @return the total, scalar, attached to the manager of {@code policyLoss}
   * @throws IllegalArgumentException if a needed term is missing, or not a scalar of one type
   */
  public NDArray total(
      NDArray policyLoss, NDArray valueLoss, NDArray entropyLoss, NDArray pretrainLoss) {
    Require.axes("policyLoss", policyLoss, "");
    NDArray total = add(policyLoss, policyLoss, value, "valueLoss", valueLoss);
    total = add(policyLoss, total, entropy, "entropyLoss", entropyLoss);
    return add(policyLoss, total, pretrain, "pretrainLoss", pretrainLoss);
  }

  private static NDArray add(
      NDArray policyLoss, NDArray total, double weight, String name, NDArray term) {
    if (weight == 0) {
      return total;
    }
    if (term == null) {
      throw new IllegalArgumentException(
          "%s is missing, expected a scalar because its weight is %s".formatted(name, weight));
    }
    Require.sameLayout("policyLoss", policyLoss, name, term);
    return total.add(Scalars.times(term, weight));
  }

  private static void requireNotNegative(List<String> problems, String name, double weight) {
    if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
      problems.add(name + " is " + weight + ", expected 0 or more");
    }
  }
}
