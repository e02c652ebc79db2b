package dev.troupe.algorithms.pro;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.preference.PlackettLuce;
import dev.troupe.algorithms.preference.SequenceLogp;
import java.util.Arrays;
import java.util.List;

/** The loss of Preference Ranking Optimization (Song et al. 2023, section 3.2). */
public final class ProLoss {
  private ProLoss() {}

  /**
   * The share of one micro-batch in the loss of its optimiser batch: for each list of l candidates
   *
   * <pre>( sum over its stages of {@link #stages} + w (l - 1)^2 * supervised ) / totalLists</pre>
   *
   * where {@code supervised} is minus the log-likelihood of the best candidate.
   *
   * @param sumLogpEL log-probability of every candidate, best candidate first, a sum over its
   *     tokens ({@link SequenceLogp#sum(NDArray, NDArray)}); anything where there is no candidate;
   *     nats, (E, L)
   * @param lists tokens and rewards of the same candidates; E lists
   * @param settings temperature and supervised term
   * @param totalLists lists of the whole optimiser batch, at least as many as here
   * @return scalar loss, shape (), attached to the manager of {@code sumLogpEL}
   * @throws IllegalArgumentException if the shapes differ, the log-probability of a candidate is
   *     not finite, or {@code totalLists} is below 1 or below the lists given
   */
  public static NDArray loss(
      NDArray sumLogpEL, RankedLists lists, ProSettings settings, long totalLists) {
    Require.total("totalLists", totalLists, lists.count());
    NDArray keptEL = keep(sumLogpEL, lists);
    NDArray rankingE = stagesOf(keptEL, lists, settings).sum(new int[] {1});
    NDArray weightEL = constant(keptEL, lists.supervisedWeights(settings));
    NDArray supervisedE = keptEL.mul(weightEL).sum(new int[] {1}).neg();
    return Scalars.times(rankingE.add(supervisedE).sum(), 1.0 / totalLists);
  }

  /**
   * The loss of each stage: with scores {@code s = sumLogp / tokens} and the factors of {@link
   * Temperature}, stage k is
   *
   * <pre>
   * -log( exp(T_kk s_k) / ( exp(T_kk s_k) + sum over j &gt; k of exp(T_kj s_j) + epsilon ) )
   * </pre>
   *
   * @param sumLogpEL as in {@link #loss}
   * @param lists tokens and rewards of the same candidates
   * @param settings temperature
   * @return differentiable, nats, (E, L - 1); 0 for a stage that has no candidate or nothing to
   *     compare it with
   * @throws IllegalArgumentException as {@link #loss}
   */
  public static NDArray stages(NDArray sumLogpEL, RankedLists lists, ProSettings settings) {
    return stagesOf(keep(sumLogpEL, lists), lists, settings);
  }

  /**
   * The score of every candidate, its mean log-probability per token.
   *
   * @param sumLogpEL as in {@link #loss}
   * @param lists tokens of the same candidates
   * @return differentiable, nats per token, (E, L); 0 where there is no candidate
   * @throws IllegalArgumentException as {@link #loss}
   */
  public static NDArray scores(NDArray sumLogpEL, RankedLists lists) {
    return scoresOf(keep(sumLogpEL, lists), lists);
  }

  private static NDArray scoresOf(NDArray keptEL, RankedLists lists) {
    return keptEL.mul(constant(keptEL, lists.inverseTokens()));
  }

  private static NDArray stagesOf(NDArray keptEL, RankedLists lists, ProSettings settings) {
    NDArray scoreEL = scoresOf(keptEL, lists);
    NDList stages = new NDList();
    for (int k = 0; k < lists.length() - 1; k++) {
      NDArray factorEJ = constant(keptEL, lists.factors(k, settings.temperature()));
      NDArray logitEJ = scoreEL.get(":, {}:", (long) k).mul(factorEJ);
      NDArray competesEJ = constant(keptEL, lists.competes(k)).neq(0);
      logitEJ = NDArrays.where(competesEJ, logitEJ, minusInfinity(logitEJ));
      if (settings.denominatorEpsilon() > 0) {
        logitEJ = logitEJ.concat(epsilonColumn(keptEL, settings), 1);
      }
      NDArray lossE = PlackettLuce.firstAgainstAll(logitEJ);
      // A stage without a contest is 0 but for the epsilon.
      NDArray isContestE = keptEL.getManager().create(lists.contests(k)).neq(0);
      stages.add(NDArrays.where(isContestE, lossE, lossE.zerosLike()));
    }
    return stages.isEmpty()
        ? keptEL.getManager().zeros(new Shape(lists.count(), 0), keptEL.getDataType())
        : NDArrays.stack(stages, 1);
  }

  private static NDArray keep(NDArray sumLogpEL, RankedLists lists) {
    Require.axes("sumLogpEL", sumLogpEL, "EL");
    Shape shape = new Shape(lists.count(), lists.length());
    if (!sumLogpEL.getShape().equals(shape)) {
      throw new IllegalArgumentException(
          "sumLogpEL has shape %s, expected %s like the ranked lists"
              .formatted(sumLogpEL.getShape(), shape));
    }
    NDArray isCandidateEL = constant(sumLogpEL, lists.inverseTokens()).neq(0);
    NDArray keptEL = NDArrays.where(isCandidateEL, sumLogpEL, sumLogpEL.zerosLike());
    Require.finite(List.of("sumLogpEL"), keptEL);
    return keptEL;
  }

  private static NDArray constant(NDArray like, double[][] rows) {
    Shape shape = new Shape(rows.length, rows.length == 0 ? 0 : rows[0].length);
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    NDManager manager = like.getManager();
    return like.getDataType() == DataType.FLOAT64
        ? manager.create(flat, shape)
        : manager.create(narrow(flat), shape);
  }

  private static float[] narrow(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  private static NDArray minusInfinity(NDArray like) {
    return like.getManager().full(like.getShape(), Float.NEGATIVE_INFINITY, like.getDataType());
  }

  private static NDArray epsilonColumn(NDArray like, ProSettings settings) {
    double[][] column = new double[(int) like.getShape().get(0)][1];
    Arrays.fill(column, new double[] {Math.log(settings.denominatorEpsilon())});
    return constant(like, column);
  }
}
