package dev.troupe.actors.stage;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.algorithms.multiobjective.RegressionReport;
import dev.troupe.algorithms.reward.PairSelection;
import dev.troupe.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;

/** How a reward model did on completions that it was not trained on: those of measuring steps. */
final class RewardModelMeasures implements Memory {
  private static final String FILE = "measured.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> names;
  private final boolean isSquashed;
  private Seen seen = Seen.NOTHING;

  /**
   * @param scores of each completion, by output of the head
   * @param grades what they should agree with
   * @param pairs how many pairs of completions of one prompt have different grades, by output
   * @param right in how many of them the scores differ the same way
   */
  private record Seen(double[][] scores, double[][] grades, long[] pairs, long[] right) {
    static final Seen NOTHING =
        new Seen(new double[0][], new double[0][], new long[0], new long[0]);
  }

  /**
   * @param names of the outputs
   * @param isSquashed whether outputs become scores by the logistic function
   */
  RewardModelMeasures(List<String> names, boolean isSquashed) {
    this.names = names;
    this.isSquashed = isSquashed;
  }

  /** Adds the completions of one prompt. */
  void add(double[][] scores, double[][] grades) {
    long[] pairs = Arrays.copyOf(seen.pairs(), names.size());
    long[] right = Arrays.copyOf(seen.right(), names.size());
    for (int k = 0; k < names.size(); k++) {
      for (PairSelection.Pair pair : PairSelection.ALL.of(column(grades, k))) {
        pairs[k]++;
        right[k] += scores[pair.chosen()][k] > scores[pair.rejected()][k] ? 1 : 0;
      }
    }
    seen = new Seen(joined(seen.scores(), scores), joined(seen.grades(), grades), pairs, right);
  }

  /** What is known so far. */
  RewardModelCard card() {
    int count = seen.scores().length;
    var mean = new ArrayList<Double>();
    var deviation = new ArrayList<Double>();
    var measures = new LinkedHashMap<String, Double>();
    for (int k = 0; k < names.size() && count > 0; k++) {
      double[] scores = column(seen.scores(), k);
      double middle = Arrays.stream(scores).average().orElseThrow();
      mean.add(middle);
      double squares = Arrays.stream(scores).map(it -> (it - middle) * (it - middle)).sum();
      deviation.add(Math.sqrt(squares / count));
      if (seen.pairs()[k] > 0) {
        measures.put("accuracy/" + names.get(k), (double) seen.right()[k] / seen.pairs()[k]);
      }
    }
    if (count > 0) {
      boolean[][] known = new boolean[count][names.size()];
      Arrays.stream(known).forEach(row -> Arrays.fill(row, true));
      RegressionReport report = RegressionReport.of(seen.scores(), seen.grades(), known);
      for (int k = 0; k < names.size(); k++) {
        measures.put("rank-correlation/" + names.get(k), report.rankCorrelation()[k]);
        measures.put("squared-error/" + names.get(k), report.meanSquaredError()[k]);
      }
    }
    return new RewardModelCard(names, isSquashed, mean, deviation, count, measures);
  }

  private static double[] column(double[][] rows, int k) {
    return Arrays.stream(rows).mapToDouble(row -> row[k]).toArray();
  }

  private static double[][] joined(double[][] rows, double[][] more) {
    double[][] joined = Arrays.copyOf(rows, rows.length + more.length);
    System.arraycopy(more, 0, joined, rows.length, more.length);
    return joined;
  }

  @Override
  public Consumer<Path> snapshot() {
    Seen now = seen;
    return directory -> write(directory.resolve(FILE), now);
  }

  private static void write(Path file, Seen seen) {
    try {
      JSON.writeValue(file.toFile(), seen);
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e, e);
    }
  }

  @Override
  public void read(Path directory) {
    Path file = directory.resolve(FILE);
    try {
      seen = JSON.readValue(Files.readAllBytes(file), Seen.class);
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e, e);
    }
  }
}
