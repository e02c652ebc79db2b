package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.training.ForwardPass.Outputs;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains one decoder: forward by tensor program, loss in Java, backward and AdamW by tensor
 * program.
 *
 * <p>Gradients of the micro-batches are summed in their fixed order, so a step is reproducible to
 * the bit for a given number of threads. One thread at a time.
 */
public final class Trainer implements AutoCloseable {
  private final Accelerator accelerator;
  private final TrainerSettings settings;
  private final DecoderWeights masters;
  private final ForwardPass pass;
  private final NDManager manager;
  private final boolean[] train;
  private final NDArray[] sums;
  private final OptimizerState optimizer;
  private NDManager castManager;
  private NDArray[] cast;

  /**
   * Starts training.
   *
   * @param initial where training starts; copied, with fresh adapters when the settings ask for
   *     them
   */
  public Trainer(DecoderWeights initial, TrainerSettings settings) {
    this.accelerator = initial.accelerator();
    this.settings = settings;
    this.masters =
        settings.lora().isPresent()
            ? initial.withAdapters(settings.lora().get(), settings.adapterSeed())
            : initial.copy();
    this.pass =
        new ForwardPass(
            accelerator, initial.config(), settings.compute(), masters.shape(), masters.scale());
    this.manager = accelerator.manager().newSubManager();
    this.train = masters.trainable();
    NDArray[] arrays = masters.arrays();
    this.sums = new NDArray[arrays.length];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = manager.zeros(train[i] ? arrays[i].getShape() : new Shape(0));
    }
    this.optimizer = new OptimizerState(masters, manager);
  }

  /**
   * One optimizer step.
   *
   * @param sequences of the whole step, in an order that the caller fixes
   * @param selection which outputs the loss wants
   * @param temperature at which the responses were sampled; divides the logits
   * @param loss called once per micro-batch
   * @throws IllegalArgumentException if there is no sequence, a sequence does not fit the decoder,
   *     the sequences do not divide into units, or the temperature is not positive
   * @throws IllegalStateException if the selection wants scores alone and there is no score head
   * @throws ArithmeticException if the loss or its gradient is not finite; the weights and the
   *     optimizer's state are then unchanged, as they are after any other exception
   */
  public StepReport step(
      List<TrainingSequence> sequences,
      Selection selection,
      double temperature,
      LossFunction loss) {
    if (sequences.isEmpty()) {
      throw new IllegalArgumentException(
          "an optimizer step needs at least one sequence, found none; leave out steps without"
              + " data");
    }
    pass.check(sequences, selection, temperature);
    List<int[]> batches = PackedBatch.split(sequences, selection, settings);
    boolean stepped = false;
    try {
      var totals = new Totals(0, 0, 0, 0);
      for (int[] rows : batches) {
        totals =
            totals.plus(
                accelerator.exclusively(
                    () -> microBatch(sequences, rows, selection, temperature, loss)));
      }
      StepReport report = update(totals, batches.size());
      stepped = true;
      return report;
    } finally {
      if (!stepped) { // what a failed step has summed up must not reach the next one
        accelerator.exclusively(
            () -> {
              optimizer.clear(sums);
              return null;
            });
      }
    }
  }

  /**
   * Log-probabilities of the responses under the current weights.
   *
   * @param temperature divides the logits, above 0
   * @return for every sequence its response tokens' log-probabilities in nats
   * @throws IllegalArgumentException if a sequence does not fit the decoder
   */
  public List<float[]> logps(List<TrainingSequence> sequences, double temperature) {
    return reader().logps(sequences, temperature);
  }

  /**
   * What the value head says before each response token under the current weights: the score head
   * in the states whose logits predict these tokens. No gradient.
   *
   * @return for every sequence [T][C]: a row of C scores for each of its T response tokens
   * @throws IllegalArgumentException if a sequence does not fit the decoder
   * @throws IllegalStateException if the decoder has no score head
   */
  public List<float[][]> values(List<TrainingSequence> sequences) {
    return reader().values(sequences);
  }

  /** A copy of the current weights, adapters included. */
  public DecoderWeights snapshot() {
    return masters.copy();
  }

  /** The current weights; they change with the next step and belong to the trainer. */
  public DecoderWeights current() {
    return masters;
  }

  /** Optimizer steps taken. */
  public long steps() {
    return optimizer.steps();
  }

  /** The moments and counters of the optimizer, to be saved and restored with the weights. */
  public OptimizerState optimizer() {
    return optimizer;
  }

  /**
   * Replaces the weights, for instance by those of a checkpoint.
   *
   * @param weights of the same decoder with the same adapters; copied
   * @throws IllegalArgumentException if they have other tensors than this trainer
   */
  public void restore(DecoderWeights weights) {
    masters.copyFrom(weights);
    closeCast();
  }

  @Override
  public void close() {
    closeCast();
    manager.close();
    pass.close();
    masters.close();
  }

  /** What the micro-batches of a step add up to. */
  private record Totals(double loss, double entropy, long selected, long tokens) {

    Totals plus(Totals more) {
      return new Totals(
          loss + more.loss, entropy + more.entropy, selected + more.selected, tokens + more.tokens);
    }

    double meanEntropy() {
      return selected == 0 ? 0 : entropy / selected;
    }
  }

  /** One forward and backward pass; everything it allocates is free again when it returns. */
  private Totals microBatch(
      List<TrainingSequence> sequences,
      int[] rows,
      Selection selection,
      double temperature,
      LossFunction loss) {
    try (NDManager part = accelerator.manager().newSubManager()) {
      PackedBatch batch = PackedBatch.of(part, sequences, rows, selection, settings.packing());
      return accumulate(part, batch, selection, temperature, loss);
    }
  }

  private StepReport update(Totals totals, int microBatches) {
    double loss = totals.loss();
    double rate = settings.learningRate().at(optimizer.steps());
    double norm =
        accelerator.exclusively(
            () -> {
              double gradientNorm = optimizer.clip(sums, settings.maxGradientNorm());
              if (Double.isFinite(gradientNorm) && Double.isFinite(loss)) {
                optimizer.update(sums, rate, settings);
              }
              return gradientNorm;
            });
    if (!Double.isFinite(norm) || !Double.isFinite(loss)) {
      throw new ArithmeticException(
          "optimizer step %d has loss %s and gradient norm %s: not finite, so the weights were left as they were; lower the learning rate or look at the rewards and log-probabilities of this step"
              .formatted(optimizer.steps(), loss, norm));
    }
    closeCast();
    return new StepReport(loss, norm, rate, totals.meanEntropy(), totals.tokens(), microBatches);
  }

  private Totals accumulate(
      NDManager step,
      PackedBatch batch,
      Selection selection,
      double temperature,
      LossFunction loss) {
    boolean recompute = settings.recompute();
    Outputs outputs = pass.forward(step, weights(), train, batch, temperature, recompute, true);
    float[] entropyK =
        selection == Selection.RESPONSE ? outputs.entropyK().toFloatArray() : new float[0];
    Gradients gradients = gradients(step, batch, selection, outputs, entropyK, loss);
    pass.backward(
        sums,
        train,
        batch,
        temperature,
        recompute,
        outputs.state(),
        gradients.logpK(),
        gradients.entropyK(),
        gradients.scoreKC());
    double entropy = 0;
    for (float value : entropyK) {
      entropy += value;
    }
    return new Totals(gradients.loss(), entropy, batch.selectedCount(), batch.tokenCount());
  }

  private record Gradients(double loss, NDArray logpK, NDArray entropyK, NDArray scoreKC) {}

  /** Evaluates the loss on detached copies of the outputs and differentiates it there. */
  private Gradients gradients(
      NDManager step,
      PackedBatch batch,
      Selection selection,
      Outputs outputs,
      float[] entropyK,
      LossFunction loss) {
    var grid = new Grid(batch.lengths(), batch.width());
    boolean response = selection == Selection.RESPONSE;
    boolean scored = outputs.scoreKC().getShape().dimension() == 2;
    NDArray none = pass.none(step);
    NDArray logpBT =
        grid.toGrid(
            step, response ? outputs.logpK().toFloatArray() : new float[batch.selectedCount()]);
    NDArray entropyBT = grid.toGrid(step, response ? entropyK : new float[batch.selectedCount()]);
    int scores = scored ? (int) outputs.scoreKC().getShape().get(1) : 0;
    NDArray scoresBTC = scored ? grid.toGrid(step, outputs.scoreKC().toFloatArray(), scores) : null;
    var leaves = new ArrayList<NDArray>(List.of(logpBT, entropyBT));
    if (scored) {
      leaves.add(scoresBTC);
    }
    leaves.forEach(leaf -> leaf.setRequiresGradient(true));
    JniUtils.setGradMode(true);
    NDArray value;
    try {
      value =
          loss.loss(
              new MicroBatch(step, batch.rows(), logpBT, entropyBT, scoresBTC, grid.mask(step)));
    } finally {
      JniUtils.setGradMode(false);
    }
    double number = value.getFloat();
    NDArray[] slopes =
        accelerator
            .program()
            .call("gradients", value, leaves.toArray(NDArray[]::new))
            .tensors(step);
    NDArray logpK = response ? step.create(grid.toList(slopes[0].toFloatArray(), 1)) : none;
    float[] entropySlopes = grid.toList(slopes[1].toFloatArray(), 1);
    NDArray scoreKC =
        scored
            ? step.create(
                grid.toList(slopes[2].toFloatArray(), scores),
                new Shape(batch.selectedCount(), scores))
            : none;
    return new Gradients(
        number,
        logpK,
        response && anyNonZero(entropySlopes) ? step.create(entropySlopes) : none,
        scoreKC);
  }

  private static boolean anyNonZero(float[] values) {
    for (float value : values) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }

  private SequenceReader reader() {
    return new SequenceReader(accelerator, pass, weights(), settings);
  }

  private NDArray[] weights() {
    if (cast == null) {
      castManager = accelerator.manager().newSubManager();
      cast = pass.cast(masters.arrays(), castManager);
    }
    return cast;
  }

  private void closeCast() {
    if (cast != null) {
      castManager.close();
      cast = null;
    }
  }
}
