package dev.troupe.actors.stage;

import dev.troupe.algorithms.essa.Covariance;
import dev.troupe.algorithms.essa.CovarianceShape;
import dev.troupe.algorithms.essa.DiagonalCovariance;
import dev.troupe.algorithms.essa.FactorDecomposition;
import dev.troupe.algorithms.essa.FullCovariance;
import dev.troupe.algorithms.essa.SearchState;
import dev.troupe.algorithms.essa.SingularValues;
import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.model.AdapterPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The files of a search, all numbers in double precision:
 *
 * <pre>
 * decomposition.safetensors   factors and singular vectors of the adapters; once, beside the checkpoints
 * search.safetensors          how far the search has come; in every checkpoint
 * </pre>
 */
final class EssaArchive {
  private static final String DECOMPOSITION = "decomposition.safetensors";
  private static final String SEARCH = "search.safetensors";

  private EssaArchive() {}

  /**
   * The parametrisation of every adapter: as it was saved, else decomposed and saved. Where
   * singular values repeat, their vectors are not unique, so that they are never computed twice.
   *
   * @param directory of the stage
   * @param adapters what the search starts with
   * @param alpha share of the singular values that is searched
   * @throws IllegalArgumentException if no value is left to search, or the adapters have too few
   */
  static List<SingularValues> decomposition(
      Path directory, List<AdapterPair> adapters, double alpha) {
    Path file = directory.resolve(DECOMPOSITION);
    var values = new ArrayList<SingularValues>(adapters.size());
    if (Files.exists(file)) {
      Map<String, HostTensor> saved = Safetensors.read(file);
      for (AdapterPair adapter : adapters) {
        values.add(
            SingularValues.of(
                factor(saved, adapter.module() + ".A"),
                factor(saved, adapter.module() + ".B"),
                alpha));
      }
      return values;
    }
    var tensors = new ArrayList<HostTensor>();
    for (AdapterPair adapter : adapters) {
      SingularValues one =
          SingularValues.of(new SingularValues.Factors(adapter.a(), adapter.b()), alpha);
      tensors.addAll(tensors(adapter.module() + ".A", one.a()));
      tensors.addAll(tensors(adapter.module() + ".B", one.b()));
      values.add(one);
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new CheckpointException("cannot create " + directory + ": " + e, e);
    }
    Safetensors.write(file, tensors, Map.of());
    return values;
  }

  private static List<HostTensor> tensors(String name, FactorDecomposition factor) {
    return List.of(
        matrix(name + ".factor", factor.factor()),
        matrix(name + ".left", factor.left()),
        vector(name + ".singular", factor.singularValues()),
        matrix(name + ".right", factor.right()));
  }

  private static FactorDecomposition factor(Map<String, HostTensor> saved, String name) {
    return FactorDecomposition.restored(
        matrix(saved, name + ".factor"),
        matrix(saved, name + ".left"),
        vector(saved, name + ".singular"),
        matrix(saved, name + ".right"));
  }

  /** Writes how far a search has come into the directory of a checkpoint. */
  static void write(Path directory, EssaProgress progress) {
    SearchState state = progress.state();
    var tensors = new ArrayList<HostTensor>();
    tensors.add(vector("mean", state.mean()));
    tensors.add(vector("sigma-path", state.sigmaPath()));
    tensors.add(vector("covariance-path", state.covariancePath()));
    tensors.add(vector("best", progress.best()));
    tensors.add(vector("result", progress.result()));
    // Counts stay below 2^53, where every whole number is a double.
    tensors.add(vector("sigma", state.sigma()));
    tensors.add(vector("generation", state.generation()));
    tensors.add(vector("best-fitness", progress.bestFitness()));
    tensors.add(vector("completions", progress.completions()));
    tensors.add(vector("tokens", progress.tokens()));
    if (state.covariance() instanceof FullCovariance full) {
      tensors.add(matrix("covariance", full.matrix()));
      tensors.add(matrix("decomposed", full.decomposed()));
      tensors.add(vector("age", full.age()));
    } else if (state.covariance() instanceof DiagonalCovariance diagonal) {
      tensors.add(vector("variances", diagonal.variances()));
    }
    Safetensors.write(directory.resolve(SEARCH), tensors, Map.of());
  }

  /** Reads what {@link #write} wrote. */
  static EssaProgress read(Path directory, CovarianceShape shape) {
    Map<String, HostTensor> saved = Safetensors.read(directory.resolve(SEARCH));
    var state =
        new SearchState(
            (long) number(saved, "generation"),
            vector(saved, "mean"),
            number(saved, "sigma"),
            vector(saved, "sigma-path"),
            vector(saved, "covariance-path"),
            covariance(saved, shape));
    return new EssaProgress(
        state,
        vector(saved, "best"),
        number(saved, "best-fitness"),
        vector(saved, "result"),
        (long) number(saved, "completions"),
        (long) number(saved, "tokens"));
  }

  private static Covariance covariance(Map<String, HostTensor> saved, CovarianceShape shape) {
    return shape == CovarianceShape.DIAGONAL
        ? DiagonalCovariance.restored(vector(saved, "variances"))
        : FullCovariance.restored(
            matrix(saved, "covariance"), matrix(saved, "decomposed"), (int) number(saved, "age"));
  }

  private static HostTensor vector(String name, double... values) {
    return HostTensor.of(name, values, values.length);
  }

  private static HostTensor matrix(String name, double[][] rows) {
    double[] values = new double[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, values, i * rows[0].length, rows[0].length);
    }
    return HostTensor.of(name, values, rows.length, rows[0].length);
  }

  private static double number(Map<String, HostTensor> saved, String name) {
    return vector(saved, name)[0];
  }

  private static double[] vector(Map<String, HostTensor> saved, String name) {
    return tensor(saved, name).toDoubles();
  }

  private static double[][] matrix(Map<String, HostTensor> saved, String name) {
    HostTensor tensor = tensor(saved, name);
    double[] values = tensor.toDoubles();
    double[][] rows = new double[(int) tensor.shape()[0]][(int) tensor.shape()[1]];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(values, i * rows[i].length, rows[i], 0, rows[i].length);
    }
    return rows;
  }

  private static HostTensor tensor(Map<String, HostTensor> saved, String name) {
    HostTensor tensor = saved.get(name);
    if (tensor == null) {
      throw new CheckpointException(
          "the checkpoint of a search lacks " + name + "; remove the checkpoint");
    }
    return tensor;
  }
}
