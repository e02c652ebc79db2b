package dev.troupe.algorithms.vectors;

import java.util.ArrayList;
import java.util.List;

/** Conversion between the padded rows of the vectors and the ragged rows of the host functions. */
final class Ragged {
  private Ragged() {}

  /** The values of a row where its mask is 1. */
  static double[] take(double[] row, double[] mask) {
    List<Double> kept = new ArrayList<>();
    for (int t = 0; t < row.length; t++) {
      if (mask[t] == 1) {
        kept.add(row[t]);
      }
    }
    return kept.stream().mapToDouble(Double::doubleValue).toArray();
  }

  static double[][] take(double[][] rows, double[][] masks) {
    double[][] kept = new double[rows.length][];
    for (int b = 0; b < rows.length; b++) {
      kept[b] = take(rows[b], masks[b]);
    }
    return kept;
  }

  /** The inverse of {@link #take}, with 0 where the mask is 0. */
  static double[][] put(double[][] kept, double[][] masks) {
    double[][] rows = new double[masks.length][];
    for (int b = 0; b < masks.length; b++) {
      rows[b] = new double[masks[b].length];
      int next = 0;
      for (int t = 0; t < masks[b].length; t++) {
        if (masks[b][t] == 1) {
          rows[b][t] = kept[b][next++];
        }
      }
    }
    return rows;
  }

  /** Zeroes what the mask hides. */
  static double[][] masked(double[][] rows, double[][] masks) {
    return put(take(rows, masks), masks);
  }
}
