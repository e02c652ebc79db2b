package dev.troupe.algorithms.policy;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.aggregation.ValidTokens;
import java.util.List;
import java.util.Objects;

/**
 * The loss that the policy-gradient methods share:
 *
 * <pre>sum of weight * ( correction * surrogate(ratio, A) + klCoefficient * kl )</pre>
 *
 * <p>A correction that is 0 for a token takes its surrogate away, but neither its divergence nor
 * its share in the denominator of the weights.
 *
 * @param ratio the probability ratio
 * @param surrogate what is done with ratio and advantage
 * @param correction for tokens of another policy; null for none
 * @param kl the divergence in the loss, {@link KlTerm#NONE} for none
 */
public record PolicyLoss(
    ProbabilityRatio ratio, Surrogate surrogate, Correction correction, KlTerm kl) {

  /** Checks that only the correction may be missing. */
  public PolicyLoss {
    Objects.requireNonNull(ratio, "ratio");
    Objects.requireNonNull(surrogate, "surrogate");
    Objects.requireNonNull(kl, "kl");
  }

  /** The same loss with a correction, or null for none. */
  public PolicyLoss with(Correction correction) {
    return new PolicyLoss(ratio, surrogate, correction, kl);
  }

  /** The same loss with a divergence term. */
  public PolicyLoss with(KlTerm kl) {
    return new PolicyLoss(ratio, surrogate, correction, kl);
  }

  /**
   * The share of one micro-batch in the loss of its optimiser batch. Sum the results of all
   * micro-batches to get the loss of the batch; a micro-batch without a token gives 0.
   *
   * @param batch the tokens; a response must not be cut between micro-batches if a ratio or a
   *     correction is about whole responses
   * @return scalar loss, shape (), attached to the manager of {@code logpBT}
   * @throws IllegalArgumentException if shapes or types differ, a needed array is missing, a value
   *     with a weight is not finite, or a ratio per sequence meets an advantage per token
   */
  public NDArray loss(PolicyBatch batch) {
    NDArray weightBT = batch.weightBT();
    Require.axes("logpBT", batch.logpBT(), "BT");
    Require.sameLayout("logpBT", batch.logpBT(), "weightBT", weightBT);
    ValidTokens valid = ValidTokens.ofWeights(weightBT);
    NDArray policyBT = valid.keep("logpBT", batch.logpBT());
    NDArray oldBT = valid.keep("oldLogpBT", batch.oldLogpBT());
    NDArray gainBT = valid.keep("advantageBT", batch.advantageBT());
    Require.finite(List.of("logpBT", "oldLogpBT", "advantageBT"), policyBT, oldBT, gainBT);
    if (ratio.isPerSequence()) {
      requireOneAdvantageForEachRow(gainBT, weightBT);
    }

    NDArray ratioBT = ratio.of(policyBT, oldBT, valid);
    NDArray lossBT = surrogate.perToken(policyBT, ratioBT, gainBT);

    if (correction != null) {
      NDArray generatorBT = kept("generatorLogpBT", batch.generatorLogpBT(), valid, "a generator");
      lossBT = lossBT.mul(correction.weights(oldBT, generatorBT, valid));
    }
    if (kl.coefficient() > 0) {
      NDArray referenceBT = kept("refLogpBT", batch.refLogpBT(), valid, "a reference");
      NDArray klBT = kl.estimator().perToken(policyBT, referenceBT);
      if (kl.isRatioWeighted()) {
        klBT = klBT.mul(ratioBT);
      }
      lossBT = lossBT.add(Scalars.times(klBT, kl.coefficient()));
    }

    return lossBT.mul(weightBT).sum();
  }

  private NDArray kept(String name, NDArray logpBT, ValidTokens valid, String whose) {
    if (logpBT == null) {
      throw new IllegalArgumentException(
          "%s is missing, expected log-probabilities of %s because %s"
              .formatted(
                  name,
                  whose,
                  name.startsWith("ref")
                      ? "klCoefficient is " + kl.coefficient()
                      : "the loss has a correction"));
    }
    NDArray keptBT = valid.keep(name, logpBT);
    Require.finite(List.of(name), keptBT);
    return keptBT;
  }

  private static void requireOneAdvantageForEachRow(NDArray gainBT, NDArray weightBT) {
    double[] gain = HostCopy.doubles(gainBT);
    double[] weight = HostCopy.doubles(weightBT);
    int columns = (int) weightBT.getShape().get(1);
    int first = -1;
    for (int i = 0; i < gain.length; i++) {
      if (weight[i] == 0) {
        continue;
      }
      if (first < 0 || first / columns != i / columns) {
        first = i;
      } else if (gain[i] != gain[first]) {
        throw new IllegalArgumentException(
            "advantageBT at row %d is %s and %s, expected one advantage for the whole response"
                    .formatted(i / columns, gain[first], gain[i])
                + " because the ratio is that of the sequence");
      }
    }
  }
}
