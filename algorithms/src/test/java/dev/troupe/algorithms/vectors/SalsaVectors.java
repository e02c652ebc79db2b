package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.rto.Granularity;
import dev.troupe.algorithms.rto.TokenLogps;
import dev.troupe.algorithms.rto.TokenReward;
import dev.troupe.algorithms.salsa.ModelSoup;
import dev.troupe.algorithms.testing.Torch;
import java.util.List;
import java.util.Map;

/** Soups of a one-layer model, and the reward of PPO with a soup as reference. */
final class SalsaVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "salsa";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "soup_alpha_0.5", SalsaVectors::soup,
        "soup_alpha_0.8", SalsaVectors::soup,
        "token_reward_soup_vs_sft_reference", SalsaVectors::tokenReward);
  }

  private static Map<String, Object> soup(VectorCase vector, NDManager manager) {
    NDArray first = Torch.matrix(manager, vector.matrix("W_sft1"));
    NDArray second = Torch.matrix(manager, vector.matrix("W_sft2"));
    NDArray input = Torch.vector(manager, vector.vector("input"));
    double alpha = vector.param("alpha");
    NDArray soup = ModelSoup.average(manager, "W", List.of(first, second), alpha, 1 - alpha);
    NDArray firstProbability = first.matMul(input).softmax(0);
    NDArray secondProbability = second.matMul(input).softmax(0);
    NDArray mixture = firstProbability.mul(alpha).add(secondProbability.mul(1 - alpha));
    return Map.of(
        "W_soup", Torch.rows(soup),
        "probs_sft1", HostCopy.doubles(firstProbability),
        "probs_sft2", HostCopy.doubles(secondProbability),
        "probs_soup", HostCopy.doubles(soup.matMul(input).softmax(0)),
        "probs_mixture_not_the_soup", HostCopy.doubles(mixture));
  }

  private static Map<String, Object> tokenReward(VectorCase vector, NDManager manager) {
    NDArray first = Torch.matrix(manager, vector.matrix("W_sft1"));
    NDArray second = Torch.matrix(manager, vector.matrix("W_sft2"));
    double alpha = vector.param("alpha");
    NDArray soup = ModelSoup.average(manager, "W", List.of(first, second), alpha, 1 - alpha);
    NDArray inputs = Torch.matrix(manager, vector.matrix("inputs"));
    NDArray policyLogp = logp(inputs, Torch.matrix(manager, vector.matrix("W_policy")));
    NDArray firstLogp = logp(inputs, first);
    NDArray soupLogp = logp(inputs, soup);
    double[] tokens = vector.vector("tokens");
    float[] policy = pick(policyLogp, tokens);
    float[] reference = pick(firstLogp, tokens);
    float[] soupReference = pick(soupLogp, tokens);
    TokenReward reward =
        new TokenReward(0, vector.param("beta"), 1, 0, TokenReward.OUTCOME_CLIP, Granularity.TOKEN);
    double outcome = vector.number("sequence_reward");
    return Map.of(
        "logprob_policy", policy,
        "logprob_sft1", reference,
        "logprob_soup", soupReference,
        "token_reward_ppo", reward.of(new TokenLogps(policy, reference, null, null), outcome, null),
        "token_reward_salsa",
            reward.of(new TokenLogps(policy, soupReference, null, null), outcome, null),
        "exact_kl_policy_soup_per_position", divergence(policyLogp, soupLogp),
        "exact_kl_policy_sft1_per_position", divergence(policyLogp, firstLogp));
  }

  private static NDArray logp(NDArray inputs, NDArray weight) {
    return inputs.matMul(weight.transpose()).logSoftmax(1);
  }

  private static float[] pick(NDArray logp, double[] tokens) {
    double[][] rows = Torch.rows(logp);
    float[] picked = new float[tokens.length];
    for (int t = 0; t < tokens.length; t++) {
      picked[t] = (float) rows[t][(int) tokens[t]];
    }
    return picked;
  }

  private static double[] divergence(NDArray logp, NDArray logq) {
    return HostCopy.doubles(logp.exp().mul(logp.sub(logq)).sum(new int[] {1}));
  }
}
