package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.bestofn.BestOfN;
import dev.troupe.algorithms.imitation.CompoundingError;
import dev.troupe.algorithms.promptselection.PromptSelection;
import java.util.Arrays;
import java.util.Map;

/** Best-of-n, prompt selection, and what imitation costs. */
final class RlPerspectiveVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "rl-perspective";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "best_of_1_exact", RlPerspectiveVectors::bestOfN,
        "best_of_4_exact", RlPerspectiveVectors::bestOfN,
        "best_of_16_exact", RlPerspectiveVectors::bestOfN,
        "query_dependent_prompt_selection", RlPerspectiveVectors::promptSelection,
        "compounding_error", RlPerspectiveVectors::compoundingError);
  }

  private static Map<String, Object> bestOfN(VectorCase vector, NDManager manager) {
    double[] base = vector.vector("base_probs");
    double[] rewards = vector.vector("rewards");
    BestOfN best = new BestOfN((int) vector.param("n"));
    double[] probabilities = best.distribution(base, rewards);
    return Map.of(
        "probs", probabilities,
        "expected_reward", BestOfN.expectedReward(probabilities, rewards),
        "kl_best_of_n_base", BestOfN.divergence(probabilities, base),
        "kl_upper_bound_log_n_minus", best.divergenceBound());
  }

  private static Map<String, Object> promptSelection(VectorCase vector, NDManager manager) {
    double[][] success = vector.matrix("true_success");
    int[] chosen = PromptSelection.choose(vector.matrix("predicted_success"));
    int fixed = PromptSelection.bestFixed(success);
    return Map.of(
        "chosen_prompt", chosen,
        "success_rate_selected", PromptSelection.successRate(success, chosen),
        "best_single_prompt", fixed,
        "success_rate_best_single", PromptSelection.successRate(success, fixed),
        "oracle_success_rate", PromptSelection.oracle(success));
  }

  private static Map<String, Object> compoundingError(VectorCase vector, NDManager manager) {
    CompoundingError error = new CompoundingError(vector.number("per_step_error"));
    Object[] rows =
        Arrays.stream(vector.vector("horizon"))
            .mapToInt(horizon -> (int) horizon)
            .mapToObj(
                horizon ->
                    Map.of(
                        "T", horizon,
                        "absorbing_cost", error.absorbing(horizon),
                        "recoverable_cost", error.recoverable(horizon)))
            .toArray();
    return Map.of("rows", rows);
  }
}
