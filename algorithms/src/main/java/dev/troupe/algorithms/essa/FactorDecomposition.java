package dev.troupe.algorithms.essa;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * The thin singular value decomposition of one LoRA factor, {@code F = U diag(S) V^T}, with U and V
 * fixed for a whole run (ESSA, section 3). Keep it with a checkpoint instead of decomposing again:
 * where singular values repeat, U and V are not unique.
 */
public final class FactorDecomposition {
  private final double[][] factor;
  private final double[][] left;
  private final double[] singular;
  private final double[][] right;

  private FactorDecomposition(
      double[][] factor, double[][] left, double[] singular, double[][] right) {
    this.factor = factor;
    this.left = left;
    this.singular = singular;
    this.right = right;
  }

  /**
   * Decomposes a factor.
   *
   * @param name name of the factor, for error messages
   * @param factor the factor, (m, n), row-major; copied
   * @return its decomposition with {@code k = min(m, n)} singular values, largest first
   * @throws IllegalArgumentException if the factor is empty, ragged or not finite
   */
  public static FactorDecomposition of(String name, double[][] factor) {
    double[][] copy = Matrices.copy(name, factor);
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(copy.length, copy[0].length, true, true, true);
    if (!svd.decompose(new DMatrixRMaj(copy))) {
      throw new IllegalArgumentException(
          "%s (%d, %d) has no singular value decomposition: the iteration did not converge"
              .formatted(name, copy.length, copy[0].length));
    }
    DMatrixRMaj left = svd.getU(null, false);
    DMatrixRMaj diagonal = svd.getW(null);
    DMatrixRMaj right = svd.getV(null, false);
    SingularOps_DDRM.descendingOrder(left, false, diagonal, right, false);
    double[] singular = new double[Math.min(copy.length, copy[0].length)];
    for (int i = 0; i < singular.length; i++) {
      singular[i] = diagonal.get(i, i);
    }
    return new FactorDecomposition(copy, Matrices.rows(left), singular, Matrices.rows(right));
  }

  /**
   * The singular values.
   *
   * @return a new array, largest first
   */
  public double[] singularValues() {
    return singular.clone();
  }

  /**
   * The left singular vectors.
   *
   * @return U, a new array, (m, k), one column for each singular value
   */
  public double[][] left() {
    return Matrices.copy("left", left);
  }

  /**
   * The right singular vectors.
   *
   * @return V, a new array, (n, k), one column for each singular value
   */
  public double[][] right() {
    return Matrices.copy("right", right);
  }

  /**
   * The factor with its largest singular values moved: {@code U diag(S + x) V^T}, computed as
   * {@code F + sum of x[i] * u[i] v[i]^T} so that {@code x = 0} gives F bit for bit. A value may
   * become negative, which flips its direction.
   *
   * @param offsets what to add to the largest singular values, at most k of them
   * @return the new factor, (m, n)
   * @throws IllegalArgumentException if there are more offsets than singular values
   */
  public double[][] moved(double... offsets) {
    if (offsets.length > singular.length) {
      throw new IllegalArgumentException(
          "%d offsets for %d singular values, expected at most as many"
              .formatted(offsets.length, singular.length));
    }
    double[][] moved = Arrays.stream(factor).map(double[]::clone).toArray(double[][]::new);
    for (int i = 0; i < offsets.length; i++) {
      if (offsets[i] != 0) {
        for (int row = 0; row < moved.length; row++) {
          double scaled = offsets[i] * left[row][i];
          for (int column = 0; column < moved[row].length; column++) {
            moved[row][column] += scaled * right[column][i];
          }
        }
      }
    }
    return moved;
  }
}
