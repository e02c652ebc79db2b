package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.training.ForwardPass.Outputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Reads a decoder's outputs for given sequences, without gradients: micro-batches of the same
 * shards as a training step would have, side by side with one thread each, so that the number of
 * threads does not show.
 *
 * @param weights in the compute type of the pass; they stay the caller's
 * @param settings the tokens of a micro-batch and the number of shards count; rows are packed
 *     whatever they say
 */
record SequenceReader(
    Accelerator accelerator, ForwardPass pass, NDArray[] weights, TrainerSettings settings) {

  /** For every sequence its response tokens' log-probabilities in nats. */
  List<float[]> logps(List<TrainingSequence> sequences, double temperature) {
    return read(sequences, Selection.RESPONSE, temperature, Outputs::logpK);
  }

  /** For every sequence the score head's outputs before each of its response tokens, [T][C]. */
  List<float[][]> values(List<TrainingSequence> sequences) {
    int scores = pass.scores();
    return read(sequences, Selection.VALUES, 1, Outputs::scoreKC).stream()
        .map(flat -> rows(flat, scores))
        .toList();
  }

  /** For every sequence the score head's outputs at its last token, [C]. */
  List<float[]> scores(List<TrainingSequence> sequences) {
    return read(sequences, Selection.LAST, 1, Outputs::scoreKC);
  }

  private static float[][] rows(float[] flat, int columns) {
    float[][] rows = new float[flat.length / columns][];
    for (int t = 0; t < rows.length; t++) {
      rows[t] = Arrays.copyOfRange(flat, t * columns, (t + 1) * columns);
    }
    return rows;
  }

  /** One output's values of each sequence's selected positions, one position after the other. */
  private List<float[]> read(
      List<TrainingSequence> sequences,
      Selection selection,
      double temperature,
      Function<Outputs, NDArray> output) {
    pass.check(sequences, selection, temperature);
    var whole = settings.withMicroBatches(settings.microBatchTokens(), 1, true, false);
    List<int[]> batches =
        ShardLayout.of(sequences, selection, whole).shards().stream()
            .flatMap(List::stream)
            .toList();
    float[][] read = new float[sequences.size()][];
    var next = new AtomicInteger();
    Runnable lane =
        () -> {
          int batch = next.getAndIncrement();
          while (batch < batches.size()) {
            read(sequences, batches.get(batch), selection, temperature, output, read);
            // Others may want the device: what is left is taken up when it is free again.
            batch = accelerator.isWanted() ? batches.size() : next.getAndIncrement();
          }
        };
    while (next.get() < batches.size()) {
      int lanes = Math.min(accelerator.lanes(), batches.size() - next.get());
      accelerator.exclusively(
          () -> {
            accelerator.inLanes(Collections.nCopies(lanes, lane));
            return null;
          });
    }
    return Arrays.asList(read);
  }

  /** Reads the sequences of one micro-batch into their places. */
  private void read(
      List<TrainingSequence> sequences,
      int[] rows,
      Selection selection,
      double temperature,
      Function<Outputs, NDArray> output,
      float[][] read) {
    try (NDManager part = accelerator.manager().newSubManager()) {
      PackedBatch batch = PackedBatch.of(part, sequences, rows, selection, true);
      Outputs outputs = pass.read(part, weights, batch, temperature);
      List<float[]> values = perSequence(output.apply(outputs).toFloatArray(), batch);
      for (int i = 0; i < rows.length; i++) {
        read[rows[i]] = values.get(i);
      }
    }
  }

  private static List<float[]> perSequence(float[] flat, PackedBatch batch) {
    int per = batch.selectedCount() == 0 ? 0 : flat.length / batch.selectedCount();
    var parts = new ArrayList<float[]>();
    int at = 0;
    for (int length : batch.lengths()) {
      parts.add(Arrays.copyOfRange(flat, at, at + length * per));
      at += length * per;
    }
    return parts;
  }
}
