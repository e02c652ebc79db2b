package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.training.ForwardPass.Beside;
import dev.troupe.runtime.training.ForwardPass.Outputs;
import java.util.List;
import java.util.OptionalLong;

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
  private OptionalLong place = OptionalLong.empty();
  private PendingStep pending;
  private NDManager castManager;
  private NDArray[] cast;

  /**
   * Starts training.
   *
   * @param initial where training starts; copied, with fresh adapters when the settings ask for
   *     them
   */
  public Trainer(DecoderWeights initial, TrainerSettings settings) {
    this(initial, settings, HeadMemory.DEFAULT);
  }

  Trainer(DecoderWeights initial, TrainerSettings settings, HeadMemory memory) {
    this.accelerator = initial.accelerator();
    this.settings = settings;
    this.masters =
        settings.lora().isPresent()
            ? initial.withAdapters(settings.lora().get(), settings.adapterSeed())
            : initial.copy();
    this.pass =
        new ForwardPass(
            accelerator,
            initial.config(),
            settings.compute(),
            masters.shape(),
            masters.numbers(),
            masters.scale(),
            memory);
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
    try (PendingStep step = prepare(sequences, selection, temperature, loss)) {
      return step.apply();
    }
  }

  /**
   * The gradient of one optimizer step, whose weights move when it is applied. Parameters and
   * exceptions as for {@link #step(List, Selection, double, LossFunction)}.
   *
   * @return to be applied or closed before the next step
   * @throws IllegalStateException also if the step before was neither applied nor closed
   */
  public PendingStep prepare(
      List<TrainingSequence> sequences,
      Selection selection,
      double temperature,
      LossFunction loss) {
    return prepare(sequences, new Objective(selection, temperature, null, loss));
  }

  /**
   * One optimizer step whose loss also sees the reference's log-probabilities and the divergence
   * between policy and reference over the whole vocabulary, with its gradient. The reference's
   * logits are computed beside the policy's, a chunk of rows at a time.
   *
   * <p>Costs a forward pass of the reference for each micro-batch, and keeps or computes again as
   * much for the backward pass as the policy's head does. Parameters and exceptions as for {@link
   * #step(List, Selection, double, LossFunction)}.
   *
   * @param selection {@link Selection#RESPONSE}: the others have no distributions
   * @param temperature divides the logits of both
   * @param reference frozen; stays the caller's
   * @throws IllegalArgumentException also for another selection, and for a reference with another
   *     vocabulary, on another accelerator, or with a context too short for a sequence
   */
  public StepReport step(
      List<TrainingSequence> sequences,
      Selection selection,
      double temperature,
      ReferenceDistribution reference,
      LossFunction loss) {
    if (selection != Selection.RESPONSE) {
      throw new IllegalArgumentException(
          "selection = "
              + selection
              + " has no distributions to compare with a reference; allowed is RESPONSE");
    }
    reference.check(reader(), sequences, temperature);
    try (PendingStep step =
        prepare(sequences, new Objective(selection, temperature, reference, loss))) {
      return step.apply();
    }
  }

  private PendingStep prepare(List<TrainingSequence> sequences, Objective objective) {
    if (pending != null) {
      throw new IllegalStateException(
          "optimizer step %d was neither applied nor closed; do that before the next one"
              .formatted(optimizer.steps()));
    }
    if (sequences.isEmpty()) {
      throw new IllegalArgumentException(
          "an optimizer step needs at least one sequence, found none; leave out steps without"
              + " data");
    }
    pass.check(sequences, objective.selection(), objective.temperature());
    List<int[]> batches = PackedBatch.split(sequences, objective.selection(), settings);
    boolean prepared = false;
    try {
      var totals = new Totals(0, 0, 0, 0);
      for (int[] rows : batches) {
        totals = totals.plus(accelerator.exclusively(() -> microBatch(sequences, rows, objective)));
      }
      double norm = accelerator.exclusively(() -> optimizer.norm(sums));
      requireFinite(totals.loss(), norm);
      pending = new PendingStep(this, totals, batches.size(), norm);
      prepared = true;
      return pending;
    } finally {
      if (!prepared) { // what a failed step has summed up must not reach the next one
        clear();
      }
    }
  }

  private void requireFinite(double loss, double norm) {
    if (!Double.isFinite(norm) || !Double.isFinite(loss)) {
      throw new ArithmeticException(
          "optimizer step %d has loss %s and gradient norm %s: not finite, so the weights were left as they were; lower the learning rate or look at the rewards and log-probabilities of this step"
              .formatted(optimizer.steps(), loss, norm));
    }
  }

  /** Moves the weights by the gradients in the sums, which have this norm with others or alone. */
  StepReport apply(PendingStep step, double norm) {
    if (step != pending) {
      throw new IllegalStateException("this optimizer step was applied or closed before");
    }
    double rate = settings.learningRate().at(place.orElse(optimizer.steps()));
    accelerator.exclusively(
        () -> {
          optimizer.clip(sums, norm, settings.maxGradientNorm());
          optimizer.update(sums, rate, settings);
          return null;
        });
    pending = null;
    closeCast();
    Totals totals = step.totals();
    return new StepReport(
        totals.loss(),
        step.gradientNorm(),
        rate,
        totals.meanEntropy(),
        totals.tokens(),
        step.microBatches());
  }

  /** Forgets the gradient of a step that will not be applied. */
  void drop(PendingStep step) {
    if (step == pending) {
      pending = null;
      clear();
    }
  }

  private void clear() {
    accelerator.exclusively(
        () -> {
          optimizer.clear(sums);
          return null;
        });
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

  /**
   * The score head's outputs at the last token of each sequence under the current weights. No
   * gradient.
   *
   * @return for every sequence its C scores
   * @throws IllegalArgumentException if a sequence does not fit the decoder
   * @throws IllegalStateException if the decoder has no score head
   */
  public List<float[]> scores(List<TrainingSequence> sequences) {
    return reader().scores(sequences);
  }

  /** A copy of the current weights, adapters included. */
  public DecoderWeights snapshot() {
    return masters.copy();
  }

  /** The current weights; they change with the next step and belong to the trainer. */
  public DecoderWeights current() {
    return masters;
  }

  /**
   * Places the steps from now on in the learning-rate schedule, for a method whose schedule counts
   * something else than optimizer steps. Until then a step's place is the number of steps before
   * it. Not a part of what is saved.
   *
   * @param place 0 or more
   */
  public void schedule(long place) {
    this.place = OptionalLong.of(place);
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
  record Totals(double loss, double entropy, long selected, long tokens) {

    Totals plus(Totals more) {
      return new Totals(
          loss + more.loss, entropy + more.entropy, selected + more.selected, tokens + more.tokens);
    }

    double meanEntropy() {
      return selected == 0 ? 0 : entropy / selected;
    }
  }

  /** What a step minimises; the reference may be null. */
  private record Objective(
      Selection selection,
      double temperature,
      ReferenceDistribution reference,
      LossFunction loss) {}

  /** One forward and backward pass; everything it allocates is free again when it returns. */
  private Totals microBatch(List<TrainingSequence> sequences, int[] rows, Objective objective) {
    try (NDManager part = accelerator.manager().newSubManager()) {
      PackedBatch batch =
          PackedBatch.of(part, sequences, rows, objective.selection(), settings.packing());
      return accumulate(part, batch, objective);
    }
  }

  private Totals accumulate(NDManager part, PackedBatch batch, Objective objective) {
    boolean recompute = settings.recompute();
    double temperature = objective.temperature();
    boolean compared = objective.reference() != null;
    Beside beside = compared ? objective.reference().beside(part, batch) : Beside.nothing(part);
    Outputs outputs =
        pass.forward(part, weights(), train, batch, temperature, recompute, true, beside);
    float[] entropyK =
        objective.selection() == Selection.RESPONSE
            ? outputs.entropyK().toFloatArray()
            : new float[0];
    LossGradient gradient =
        LossGradient.of(
            accelerator.program(),
            part,
            batch,
            objective.selection(),
            outputs,
            entropyK,
            compared,
            objective.loss());
    pass.backward(
        sums, train, batch, temperature, recompute, outputs.state(), beside, gradient.slopes());
    double entropy = 0;
    for (float value : entropyK) {
      entropy += value;
    }
    return new Totals(gradient.loss(), entropy, batch.selectedCount(), batch.tokenCount());
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
