package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.essa.CmaConstants;
import dev.troupe.algorithms.essa.CmaEs;
import dev.troupe.algorithms.essa.CovarianceShape;
import dev.troupe.algorithms.essa.QuantisedMatrix;
import dev.troupe.algorithms.essa.SearchDimension;
import dev.troupe.algorithms.essa.SearchState;
import dev.troupe.algorithms.essa.SingularValues;
import dev.troupe.algorithms.essa.WeightQuantisation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Singular values, CMA-ES and quantisation of ESSA. */
final class EssaVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "essa";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "svd_reconstruction", EssaVectors::reconstruction,
        "svd_reconstruction_half_fraction", EssaVectors::reconstruction,
        "search_dimension", EssaVectors::dimension,
        "cma_es_two_generations", EssaVectors::generations,
        "int8_absmax_per_row", EssaVectors::quantisation);
  }

  private static Map<String, Object> reconstruction(VectorCase vector, NDManager manager) {
    var trained = new SingularValues.Factors(vector.matrix("A"), vector.matrix("B"));
    SingularValues search = SingularValues.of(trained, vector.param("alpha_fraction"));
    SingularValues.Factors moved = search.candidate(vector.vector("candidate"));
    double scale = vector.param("scale", 1);
    return Map.of(
        "trainable_per_factor", search.perFactor(),
        "sigma_A", search.a().singularValues(),
        "sigma_B", search.b().singularValues(),
        "A_new", moved.a(),
        "B_new", moved.b(),
        "delta_W_base", trained.delta(scale),
        "delta_W_new", moved.delta(scale));
  }

  private static Map<String, Object> dimension(VectorCase vector, NDManager manager) {
    double[] ranks = vector.vector("ranks");
    double[] alphas = vector.vector("alpha");
    int[] dimensions = new int[ranks.length];
    for (int i = 0; i < dimensions.length; i++) {
      dimensions[i] =
          SearchDimension.of(
              (int) vector.number("layers"),
              (int) vector.number("matrices_per_layer"),
              (int) ranks[i],
              alphas[i]);
    }
    return Map.of("dimension", dimensions);
  }

  private static Map<String, Object> generations(VectorCase vector, NDManager manager) {
    var strategy =
        new CmaEs((int) vector.param("n"), (int) vector.param("lambda"), CovarianceShape.FULL);
    double sign = vector.params().path("maximise").asBoolean(true) ? 1 : -1;
    double[][] normals = vector.matrix("standard_normal_draws_same_both_generations");
    SearchState state = strategy.start(vector.vector("m0"), vector.number("sigma0"));
    List<Map<String, Object>> generations = new ArrayList<>();
    for (int t = 1; vector.inputs().has("fitness_generation_" + t); t++) {
      double[] fitness = vector.vector("fitness_generation_" + t);
      double[] gain = Arrays.stream(fitness).map(value -> sign * value).toArray();
      double[][] candidates = strategy.candidates(state, normals);
      state = strategy.next(state, normals, gain);
      generations.add(
          Map.of(
              "candidates", candidates,
              "fitness", fitness,
              "order_best_first", CmaEs.bestFirst(gain),
              "m", state.mean(),
              "sigma", state.sigma(),
              "C", state.covariance().matrix(),
              "p_sigma", state.sigmaPath(),
              "p_c", state.covariancePath(),
              "h_sigma", strategy.movedCovariancePath(state) ? 1 : 0));
    }
    Map<String, Object> results = new HashMap<>(constants(strategy.constants()));
    results.put("generations", generations);
    return results;
  }

  private static Map<String, Object> constants(CmaConstants constants) {
    return Map.of(
        "weights", constants.weights(),
        "mu_eff", constants.muEff(),
        "c_c", constants.cC(),
        "c_sigma", constants.cSigma(),
        "c_1", constants.c1(),
        "c_mu", constants.cMu(),
        "d_sigma", constants.dSigma(),
        "chi_n", constants.chiN());
  }

  private static Map<String, Object> quantisation(VectorCase vector, NDManager manager) {
    double[][] weights = vector.matrix("W");
    double[][] adapter = vector.matrix("delta_W");
    double[] x = vector.vector("x");
    QuantisedMatrix quantised = WeightQuantisation.INT8.of(weights);
    double[] output = quantised.times(x);
    for (int i = 0; i < output.length; i++) {
      for (int j = 0; j < x.length; j++) {
        output[i] += adapter[i][j] * x[j];
      }
    }
    return Map.of(
        "scale", quantised.scales(),
        "q", quantised.codes(),
        "dequantised", quantised.dequantised(),
        "max_abs_error", quantised.largestError(weights),
        "output_quantised_base_plus_float_adapter", output);
  }
}
