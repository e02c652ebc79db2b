package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.rto.Granularity;
import dev.troupe.algorithms.rto.TokenLogps;
import dev.troupe.algorithms.rto.TokenReward;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Estimators of divergence, in a loss and in the reward. */
final class KlVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "foundations";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "kl_estimators_per_token", KlVectors::perToken,
        "kl_estimator_expected_gradient_as_loss", KlVectors::expectedGradient,
        "kl_in_reward_last_valid_token", KlVectors::inReward);
  }

  private static Map<String, Object> perToken(VectorCase vector, NDManager manager) {
    Map<String, Object> results = new HashMap<>();
    for (KlEstimator estimator : KlEstimator.values()) {
      String name = estimator.name().toLowerCase(Locale.ROOT);
      NDArray logp = Torch.matrix(manager, vector.vector("logprob"));
      NDArray reference = Torch.matrix(manager, vector.vector("ref_logprob"));
      results.put(name, HostCopy.doubles(estimator.perToken(logp, reference)));
      results.put(
          "d" + name + "_dlogprob",
          Torch.differentiate(() -> estimator.perToken(logp, reference).sum(), logp)
              .gradients()[0]);
    }
    return results;
  }

  private static Map<String, Object> expectedGradient(VectorCase vector, NDManager manager) {
    NDArray reference = Torch.vector(manager, vector.vector("ref_logits")).logSoftmax(0);
    NDArray policy = Torch.vector(manager, vector.vector("policy_logits")).logSoftmax(0);
    Map<String, Object> results = new HashMap<>();
    results.put("reverse_kl_p_q", divergence(policy, reference));
    results.put("forward_kl_q_p", divergence(reference, policy));
    Map<KlEstimator, String> gradients =
        Map.of(
            KlEstimator.K1, "E_grad_k1",
            KlEstimator.K2, "E_grad_k2_equals_grad_reverse_kl",
            KlEstimator.K3, "E_grad_k3_equals_grad_forward_kl",
            KlEstimator.K3_PLUS, "E_grad_k3_plus_equals_grad_reverse_kl");
    for (KlEstimator estimator : KlEstimator.values()) {
      NDArray logits = Torch.vector(manager, vector.vector("policy_logits"));
      // On-policy sampling: each token enters with its probability, which is not differentiated.
      Torch.Differentiated expectation =
          Torch.differentiate(
              () -> {
                NDArray logp = logits.logSoftmax(0);
                NDArray probability = logp.stopGradient().exp();
                return estimator.perToken(logp, reference).mul(probability).sum();
              },
              logits);
      results.put("expected_" + estimator.name().toLowerCase(Locale.ROOT), expectation.loss());
      results.put(gradients.get(estimator), expectation.gradients()[0]);
    }
    return results;
  }

  private static double divergence(NDArray logp, NDArray logq) {
    return HostCopy.scalar(logp.exp().mul(logp.sub(logq)).sum());
  }

  private static Map<String, Object> inReward(VectorCase vector, NDManager manager) {
    TokenReward reward =
        new TokenReward(0, vector.param("beta"), 1, 0, TokenReward.OUTCOME_CLIP, Granularity.TOKEN);
    double[][] mask = vector.matrix("mask");
    double[][] logp = Ragged.take(vector.matrix("logprob"), mask);
    double[][] reference = Ragged.take(vector.matrix("ref_logprob"), mask);
    double[] outcome = vector.vector("sequence_reward");
    double[][] rewards = new double[mask.length][];
    for (int b = 0; b < mask.length; b++) {
      TokenLogps logps =
          new TokenLogps(Torch.narrow(logp[b]), Torch.narrow(reference[b]), null, null);
      rewards[b] = Torch.widen(reward.of(logps, outcome[b], null));
    }
    return Map.of(
        "token_reward", Ragged.put(rewards, mask),
        "return", Arrays.stream(rewards).mapToDouble(row -> Arrays.stream(row).sum()).toArray());
  }
}
