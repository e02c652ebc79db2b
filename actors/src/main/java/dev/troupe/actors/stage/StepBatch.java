package dev.troupe.actors.stage;

import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The completions that a step is trained on, row by row, with all that the losses need. Lists that
 * nobody asked for are empty.
 *
 * @param ends for each group of the step, in order, the row after its last one
 * @param pieces how many rows each completion of the step has, one for each of its segments; empty
 *     in a part of a step
 * @param sequences prompt and completion of each row
 * @param behaviour log-probability of each token under the policy that sampled it, nats
 * @param old the same under the policy that the update stays close to
 * @param reference the same under the reference
 * @param advantages advantage of each token
 * @param values what the critic said before each token, before the update
 * @param returns what it should have said
 */
record StepBatch(
    List<Integer> ends,
    List<Integer> pieces,
    List<TrainingSequence> sequences,
    List<float[]> behaviour,
    List<float[]> old,
    List<float[]> reference,
    List<float[]> advantages,
    List<float[]> values,
    List<float[]> returns) {

  static StepBatch of(List<List<Trial>> groups) {
    boolean hasReference =
        groups.stream().flatMap(List::stream).allMatch(trial -> trial.reference() != null);
    var ends = new ArrayList<Integer>();
    var pieces = new ArrayList<Integer>();
    var sequences = new ArrayList<TrainingSequence>();
    var behaviour = new ArrayList<float[]>();
    var reference = new ArrayList<float[]>();
    for (List<Trial> group : groups) {
      for (Trial trial : group) {
        List<TrainingSequence> segments = trial.sequences();
        pieces.add(segments.size());
        sequences.addAll(segments);
        behaviour.addAll(Sequences.cut(trial.behaviour(), segments));
        if (hasReference) {
          reference.addAll(Sequences.cut(trial.reference(), segments));
        }
      }
      ends.add(sequences.size());
    }
    return new StepBatch(
        ends, pieces, sequences, behaviour, behaviour, reference, List.of(), List.of(), List.of());
  }

  /** The same with other log-probabilities in the denominator of the ratio. */
  StepBatch withOld(List<float[]> logps) {
    return new StepBatch(
        ends, pieces, sequences, behaviour, logps, reference, advantages, values, returns);
  }

  /**
   * The same with what the losses learn from.
   *
   * @param estimate by completion
   * @param said the critic's values by row; null without one
   */
  StepBatch with(AdvantageEstimator.Estimate estimate, List<float[]> said) {
    return new StepBatch(
        ends,
        pieces,
        sequences,
        behaviour,
        old,
        reference,
        byRow(narrow(estimate.advantages())),
        said == null ? List.of() : said,
        estimate.returns() == null ? List.of() : byRow(narrow(estimate.returns())));
  }

  /** Values of rows, those of a completion one after the other; null for null. */
  List<float[]> byCompletion(List<float[]> rows) {
    if (rows == null) {
      return null;
    }
    var joined = new ArrayList<float[]>(pieces.size());
    int next = 0;
    for (int count : pieces) {
      joined.add(Sequences.joined(rows.subList(next, next + count)));
      next += count;
    }
    return joined;
  }

  private List<float[]> byRow(List<float[]> completions) {
    var rows = new ArrayList<float[]>(sequences.size());
    int next = 0;
    for (int i = 0; i < completions.size(); i++) {
      int count = pieces.get(i);
      rows.addAll(Sequences.cut(completions.get(i), sequences.subList(next, next + count)));
      next += count;
    }
    return rows;
  }

  /** The rows of a mini-batch: consecutive groups, as many in each as can be. */
  StepBatch part(int part, int parts) {
    int from = firstRow(part, parts);
    int to = firstRow(part + 1, parts);
    return new StepBatch(
        List.of(to - from),
        List.of(),
        cut(sequences, from, to),
        cut(behaviour, from, to),
        cut(old, from, to),
        cut(reference, from, to),
        cut(advantages, from, to),
        cut(values, from, to),
        cut(returns, from, to));
  }

  /** The same followed by rows of zeros, for sequences that take no part in the policy's loss. */
  StepBatch followedBy(int[] lengths) {
    List<float[]> zeros = zeros(lengths);
    return new StepBatch(
        ends,
        pieces,
        sequences,
        joined(behaviour, zeros),
        joined(old, zeros),
        joined(reference, zeros),
        joined(advantages, zeros),
        joined(values, zeros),
        joined(returns, zeros));
  }

  static List<float[]> zeros(int[] lengths) {
    return Arrays.stream(lengths).mapToObj(float[]::new).toList();
  }

  private static List<float[]> joined(List<float[]> rows, List<float[]> more) {
    return rows.isEmpty() ? rows : Stream.concat(rows.stream(), more.stream()).toList();
  }

  /** The first row of a mini-batch in the whole. */
  int firstRow(int part, int parts) {
    return end((int) ((long) part * ends.size() / parts));
  }

  private int end(int groups) {
    return groups == 0 ? 0 : ends.get(groups - 1);
  }

  private static <T> List<T> cut(List<T> rows, int from, int to) {
    return rows.isEmpty() ? rows : rows.subList(from, to);
  }

  private static List<float[]> narrow(double[][] rows) {
    var narrow = new ArrayList<float[]>(rows.length);
    for (double[] row : rows) {
      float[] values = new float[row.length];
      for (int t = 0; t < row.length; t++) {
        values[t] = (float) row[t];
      }
      narrow.add(values);
    }
    return narrow;
  }

  boolean isEmpty() {
    return sequences.isEmpty();
  }

  int[] lengths() {
    return behaviour.stream().mapToInt(row -> row.length).toArray();
  }

  long tokens() {
    return behaviour.stream().mapToLong(row -> row.length).sum();
  }
}
