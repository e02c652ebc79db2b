package dev.troupe.algorithms.essa;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The search space of a whole model (ESSA, section 3): the search vectors of its adapters one after
 * another, in the order of the adapters.
 */
public final class SearchSpace {
  private final List<SingularValues> adapters;
  private final Offsets offsets;
  private final int dimension;

  /** What a number of the search vector does to its singular value S. */
  public enum Offsets {
    /** {@code S + x}: the paper. */
    ABSOLUTE {
      @Override
      double offset(double singular, double x) {
        return x;
      }
    },
    /** {@code S (1 + x)}, for adapters whose singular values differ by orders of magnitude. */
    RELATIVE {
      @Override
      double offset(double singular, double x) {
        return singular * x;
      }
    };

    abstract double offset(double singular, double x);
  }

  /**
   * A space.
   *
   * @param adapters at least one
   * @param offsets what the numbers of a search vector do
   * @throws IllegalArgumentException if there is no adapter
   */
  public SearchSpace(List<SingularValues> adapters, Offsets offsets) {
    if (adapters.isEmpty()) {
      throw new IllegalArgumentException("adapters is empty, expected at least 1 adapter");
    }
    this.adapters = List.copyOf(adapters);
    this.offsets = offsets;
    this.dimension = adapters.stream().mapToInt(SingularValues::dimension).sum();
  }

  /**
   * Length of a search vector.
   *
   * @return n, at least 2
   */
  public int dimension() {
    return dimension;
  }

  /**
   * The mean of all searched singular values: the unit of a step size that is relative to them.
   *
   * @return the mean, 0 or more
   */
  public double meanSingularValue() {
    double sum = 0;
    for (SingularValues adapter : adapters) {
      sum += adapter.meanSingularValue() * adapter.dimension();
    }
    return sum / dimension;
  }

  /**
   * The factors of every adapter at a point of the search.
   *
   * @param x a search vector, length {@link #dimension}; 0 gives the trained factors bit for bit
   * @return new factors, in the order of the adapters
   * @throws IllegalArgumentException if the length is wrong or a number is not finite
   */
  public List<SingularValues.Factors> candidate(double... x) {
    Require.sameLength("the search dimension", dimension, "x", x.length);
    var factors = new ArrayList<SingularValues.Factors>(adapters.size());
    int from = 0;
    for (SingularValues adapter : adapters) {
      double[] moved = Arrays.copyOfRange(x, from, from + adapter.dimension());
      double[] singular = adapter.searched();
      for (int i = 0; i < moved.length; i++) {
        moved[i] = offsets.offset(singular[i], moved[i]);
      }
      factors.add(adapter.candidate(moved));
      from += adapter.dimension();
    }
    return factors;
  }
}
