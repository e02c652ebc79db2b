package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.preference.SequenceLogp;
import dev.troupe.algorithms.pro.ProLoss;
import dev.troupe.algorithms.pro.ProSettings;
import dev.troupe.algorithms.pro.RankedLists;
import dev.troupe.algorithms.pro.Temperature;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import java.util.Map;

/** Rankings of one prompt's candidates. */
final class ProVectors implements VectorFamily {
  private static final double REPOSITORY_EPSILON = 1e-10;

  @Override
  public String algorithm() {
    return "pro";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "three_candidates", ProVectors::ranking,
        "two_candidates", ProVectors::ranking,
        "three_candidates_no_temperature", ProVectors::ranking,
        "token_level_to_score", ProVectors::scores);
  }

  private static Map<String, Object> ranking(VectorCase vector, NDManager manager) {
    NDArray logp = Torch.matrix(manager, vector.vector("sum_logprob_best_first"));
    int[] tokens = counts(vector.vector("token_count"));
    RankedLists lists =
        RankedLists.of(new int[][] {tokens}, new double[][] {vector.vector("reward_best_first")});
    Temperature temperature =
        Boolean.parseBoolean(vector.text("dynamic_temperature"))
            ? Temperature.REWARD_GAP
            : Temperature.NONE;
    double weight = vector.param("sft_weight");
    ProSettings settings = new ProSettings(temperature, weight, false, 0);
    ProSettings withEpsilon = new ProSettings(temperature, weight, false, REPOSITORY_EPSILON);

    Torch.Differentiated result =
        Torch.differentiate(() -> ProLoss.loss(logp, lists, settings, 1), logp);
    double[] stages = HostCopy.doubles(ProLoss.stages(logp, lists, settings));
    return Map.of(
        "mean_logprob",
        HostCopy.doubles(ProLoss.scores(logp, lists)),
        "stage_loss",
        stages,
        "sft_term",
        result.loss() - Arrays.stream(stages).sum(),
        "loss",
        result.loss(),
        "loss_with_repo_eps_1e-10",
        HostCopy.scalar(ProLoss.loss(logp, lists, withEpsilon, 1)),
        "dloss_dsum_logprob",
        result.gradients()[0]);
  }

  private static Map<String, Object> scores(VectorCase vector, NDManager manager) {
    NDArray logp = Torch.matrix(manager, vector.matrix("token_logprob"));
    NDArray mask = Torch.matrix(manager, vector.matrix("suffix_mask"));
    NDArray sum = SequenceLogp.sum(logp, mask);
    int[] tokens = counts(HostCopy.doubles(mask.sum(new int[] {1})));
    RankedLists lists =
        RankedLists.of(new int[][] {tokens}, new double[][] {new double[tokens.length]});
    return Map.of(
        "sum_logprob", HostCopy.doubles(sum),
        "token_count", tokens,
        "mean_logprob", HostCopy.doubles(ProLoss.scores(sum.expandDims(0), lists)));
  }

  private static int[] counts(double[] tokens) {
    return Arrays.stream(tokens).mapToInt(count -> (int) count).toArray();
  }
}
