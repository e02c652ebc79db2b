package dev.troupe.runtime.model;

import dev.troupe.runtime.checkpoint.HostTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sets of weights that differ in their low-rank adapters alone. They share everything else, so that
 * many of them take the memory of one and of their adapters, and a digest reads the adapters only.
 */
public final class AdapterFamily implements AutoCloseable {
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  private final DecoderWeights founder;
  private final String baseDigest;
  private final List<AdapterPair> pairs;

  /**
   * A family of one.
   *
   * @param founder weights with adapters; belong to the family from now on
   * @throws IllegalArgumentException if there are no adapters
   */
  public AdapterFamily(DecoderWeights founder) {
    if (founder.lora() == null) {
      throw new IllegalArgumentException(
          "a family of adapters was begun with weights that have none; train low-rank adapters first");
    }
    this.founder = founder;
    this.baseDigest = founder.baseDigest();
    this.pairs = read(founder.toHost());
  }

  private static List<AdapterPair> read(List<HostTensor> tensors) {
    Map<String, HostTensor> byName = new HashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    var pairs = new ArrayList<AdapterPair>();
    for (HostTensor tensor : tensors) {
      if (tensor.name().endsWith(A)) {
        String module = tensor.name().substring(0, tensor.name().length() - A.length());
        pairs.add(new AdapterPair(module, matrix(tensor), matrix(byName.get(module + B))));
      }
    }
    return List.copyOf(pairs);
  }

  /** The adapters of the founder, in the order of the layers. */
  public List<AdapterPair> adapters() {
    return pairs;
  }

  /**
   * Another member; the caller owns it. It stays valid when the family is closed.
   *
   * @param adapters one for each of the founder's, in the same order; rounded to float32
   * @throws IllegalArgumentException if they adapt other modules or have other shapes
   */
  public DecoderWeights member(List<AdapterPair> adapters) {
    Map<String, float[]> values = new HashMap<>();
    if (adapters.size() != pairs.size()) {
      throw new IllegalArgumentException(
          "%d adapters for a family of %d".formatted(adapters.size(), pairs.size()));
    }
    for (int i = 0; i < pairs.size(); i++) {
      AdapterPair own = pairs.get(i);
      AdapterPair other = adapters.get(i);
      if (!other.module().equals(own.module())
          || !haveOneShape(other.a(), own.a())
          || !haveOneShape(other.b(), own.b())) {
        throw new IllegalArgumentException(
            "an adapter of %s does not fit the family's adapter of %s"
                .formatted(other.module(), own.module()));
      }
      values.put(own.module() + A, flat(other.a()));
      values.put(own.module() + B, flat(other.b()));
    }
    return founder.sharing(baseDigest, values);
  }

  private static boolean haveOneShape(double[][] one, double[][] other) {
    return one.length == other.length && one[0].length == other[0].length;
  }

  private static double[][] matrix(HostTensor tensor) {
    float[] values = tensor.toFloats();
    double[][] rows = new double[(int) tensor.shape()[0]][(int) tensor.shape()[1]];
    int next = 0;
    for (double[] row : rows) {
      for (int j = 0; j < row.length; j++) {
        row[j] = values[next++];
      }
    }
    return rows;
  }

  private static float[] flat(double[][] matrix) {
    float[] values = new float[matrix.length * matrix[0].length];
    int next = 0;
    for (double[] row : matrix) {
      for (double value : row) {
        values[next++] = (float) value;
      }
    }
    return values;
  }

  /** Frees the founder; members stay. */
  @Override
  public void close() {
    founder.close();
  }
}
