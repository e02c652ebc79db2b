package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.kl.VocabularyDivergence;
import dev.troupe.algorithms.superhf.BestFilter;
import dev.troupe.algorithms.superhf.SuperHfLoss;
import dev.troupe.algorithms.superhf.SuperHfSettings;
import dev.troupe.algorithms.superhf.SuperHfSettings.Reduction;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Selection by reward, and the supervised loss with a divergence. */
final class SuperHfVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "superhf";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "filter_top_1", SuperHfVectors::filter,
        "loss_single_sequence", SuperHfVectors::sequence,
        "minibatch_kl_reduction", SuperHfVectors::reductions);
  }

  private static Map<String, Object> filter(VectorCase vector, NDManager manager) {
    double[][] scores = vector.matrix("scores");
    double[][] lengths = vector.matrix("completion_char_lengths");
    int keep = (int) vector.param("top_k");
    int[][] plain = selected(new BestFilter(keep, 0), scores, lengths);
    int[][] penalised =
        selected(new BestFilter(keep, vector.param("length_penalty")), scores, lengths);
    double[][] kept = new double[plain.length][];
    for (int row = 0; row < plain.length; row++) {
      double[] of = scores[row];
      kept[row] = Arrays.stream(plain[row]).mapToDouble(i -> of[i]).toArray();
    }
    return Map.of(
        "selected_index", perPrompt(widen(plain), keep),
        "selected_score", perPrompt(kept, keep),
        "selected_index_with_length_penalty", perPrompt(widen(penalised), keep),
        "tie_rule", "stable: the earlier sample wins",
        "zero_length", "dropped before ranking");
  }

  /** With one completion a prompt the files list the completions themselves, null for none. */
  private static Object perPrompt(double[][] rows, int keep) {
    return keep > 1
        ? rows
        : Arrays.stream(rows).mapToDouble(row -> row.length == 0 ? Double.NaN : row[0]).toArray();
  }

  private static double[][] widen(int[][] rows) {
    return Arrays.stream(rows)
        .map(row -> Arrays.stream(row).asDoubleStream().toArray())
        .toArray(double[][]::new);
  }

  private static int[][] selected(BestFilter filter, double[][] scores, double[][] lengths) {
    int[][] selected = new int[scores.length][];
    for (int row = 0; row < scores.length; row++) {
      int[] characters = Arrays.stream(lengths[row]).mapToInt(length -> (int) length).toArray();
      selected[row] = filter.of(scores[row], characters);
    }
    return selected;
  }

  private static Map<String, Object> sequence(VectorCase vector, NDManager manager) {
    NDArray online = Torch.matrix(manager, vector.matrix("online_logits"));
    NDArray original = Torch.matrix(manager, vector.matrix("original_logits"));
    double[] tokens = vector.vector("tokens");
    int prompt = (int) vector.number("prompt_length");
    int[] rows = IntStream.range(prompt - 1, tokens.length - 1).toArray();
    int[] unshifted = IntStream.range(prompt, tokens.length).toArray();
    NDArray targets =
        Torch.vector(manager, Arrays.copyOfRange(tokens, prompt, tokens.length))
            .toType(DataType.INT64, false)
            .expandDims(1);
    SuperHfSettings settings = SuperHfSettings.forward(vector.param("kl_coefficient"));

    Supplier<NDArray> logp =
        () ->
            take(online, rows).logSoftmax(1).gather(targets, 1).reshape(new Shape(1, rows.length));
    Torch.Differentiated result =
        Torch.differentiate(
            () ->
                loss(
                    logp.get(), divergence(online, original, rows, settings.direction()), settings),
            online);
    NDArray repository = divergence(online, original, unshifted, settings.direction());
    return Map.of(
        "positions", rows,
        "cross_entropy", HostCopy.scalar(loss(logp.get(), null, SuperHfSettings.forward(0))),
        "kl_original_to_online", mean(divergence(online, original, rows, settings.direction())),
        "kl_online_to_original_for_comparison",
            mean(divergence(online, original, rows, VocabularyDivergence.POLICY_TO_REFERENCE)),
        "loss", result.loss(),
        "dloss_dlogits", Torch.rows(result.gradients()[0], (int) online.getShape().get(1)),
        "repo_unshifted_positions", unshifted,
        "repo_unshifted_kl", mean(repository),
        "repo_loss", HostCopy.scalar(loss(logp.get(), repository, settings)));
  }

  private static NDArray loss(NDArray logp, NDArray divergence, SuperHfSettings settings) {
    long tokens = logp.getShape().get(1);
    return SuperHfLoss.loss(logp, divergence, logp.onesLike(), settings, Math.max(1, tokens), 1);
  }

  private static NDArray divergence(
      NDArray online, NDArray original, int[] rows, VocabularyDivergence direction) {
    return direction.perPosition(
        take(online, rows).logSoftmax(1).expandDims(0),
        take(original, rows).logSoftmax(1).expandDims(0));
  }

  /** Consecutive rows of logits. */
  private static NDArray take(NDArray logits, int[] rows) {
    long from = rows.length == 0 ? 0 : rows[0];
    return logits.get("{}:{}", from, from + rows.length);
  }

  private static double mean(NDArray perPosition) {
    return HostCopy.scalar(perPosition.sum()) / Math.max(1, perPosition.size());
  }

  private static Map<String, Object> reductions(VectorCase vector, NDManager manager) {
    return Map.of(
        "repo_sum_over_examples", reduced(vector, manager, Reduction.SUM),
        "mean_over_examples", reduced(vector, manager, Reduction.MEAN));
  }

  /** One token for each example, with the cross-entropy of the case. */
  private static double reduced(VectorCase vector, NDManager manager, Reduction reduction) {
    double[] kl = vector.vector("per_example_kl");
    double[] logp = new double[kl.length];
    Arrays.fill(logp, -vector.number("cross_entropy_token_mean"));
    NDArray logpBT = Torch.vector(manager, logp).expandDims(1);
    NDArray klBT = Torch.vector(manager, kl).expandDims(1);
    var settings =
        new SuperHfSettings(
            vector.param("kl_coefficient"), reduction, VocabularyDivergence.REFERENCE_TO_POLICY, 0);
    return HostCopy.scalar(
        SuperHfLoss.loss(logpBT, klBT, logpBT.onesLike(), settings, kl.length, kl.length));
  }
}
