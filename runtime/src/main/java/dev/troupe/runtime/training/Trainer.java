package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.transport.Circle;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Trains one decoder: forward by tensor program, loss in Java, backward and AdamW by tensor
 * program.
 *
 * <p>A step is divided into shards, which follow from its sequences alone. Each sums the gradients
 * of its micro-batches in their order, and a {@link ShardTree} adds the shards in pairs. On a CPU
 * shards are computed side by side with one thread each, so that a step has the same bits whatever
 * the number of threads, and on however many learners its shards are computed: see {@link
 * #prepareShards}. One thread at a time.
 */
public final class Trainer implements AutoCloseable {
  private final Accelerator accelerator;
  private final TrainerSettings settings;
  private final DecoderWeights masters;
  private final ForwardPass pass;
  private final NDManager manager;
  private final GradientBuffers buffers;
  private final ShardPass shardPass;
  private final ParameterPieces pieces;
  private final Optional<GradientExchange> exchange;
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
    this(initial, settings, HeadMemory.DEFAULT, Optional.empty());
  }

  /**
   * Starts training with others, who make the same calls with the same data in the same order. Each
   * step is shared: every one computes some shards, and all have the same weights after it, which
   * are those of one trainer alone.
   *
   * @param circle of the learners; to be closed before this trainer
   */
  public Trainer(DecoderWeights initial, TrainerSettings settings, Circle circle) {
    this(initial, settings, HeadMemory.DEFAULT, Optional.of(circle));
  }

  Trainer(DecoderWeights initial, TrainerSettings settings, HeadMemory memory) {
    this(initial, settings, memory, Optional.empty());
  }

  private Trainer(
      DecoderWeights initial,
      TrainerSettings settings,
      HeadMemory memory,
      Optional<Circle> circle) {
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
    this.buffers = new GradientBuffers(masters);
    this.shardPass = new ShardPass(accelerator, pass, settings, masters.trainable(), buffers);
    this.pieces = new ParameterPieces(masters);
    this.exchange = circle.map(it -> new GradientExchange(it, masters, pieces));
    this.optimizer = new OptimizerState(masters, pieces, exchange, manager);
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
    return prepare(sequences, StepObjective.of(selection, temperature, loss));
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
    var objective = new StepObjective(selection, temperature, reference, loss);
    try (PendingStep step = prepare(sequences, objective)) {
      return step.apply();
    }
  }

  private PendingStep prepare(List<TrainingSequence> sequences, StepObjective objective) {
    requireNothingPending();
    if (exchange.isPresent()) {
      return prepareTogether(sequences, objective);
    }
    try (ShardTree tree = prepareShards(sequences, objective, null)) {
      return prepare(tree);
    }
  }

  /** Computes a part of the shards and adds their gradient to those of the other learners. */
  private PendingStep prepareTogether(List<TrainingSequence> sequences, StepObjective objective) {
    GradientExchange others = exchange.orElseThrow();
    int shards = shards(sequences);
    ShardTree tree =
        others
            .range(shards)
            .map(range -> prepareShards(sequences, objective, range))
            .orElseGet(() -> new ShardTree(shards));
    boolean reduced = false;
    try {
      StepGradient gradient = others.reduce(tree);
      reduced = true;
      return prepare(gradient);
    } finally {
      if (!reduced) {
        free(tree::close);
      }
    }
  }

  /**
   * How many shards a step has: as many as the settings say, or as there are units of sequences.
   *
   * @param sequences of the whole step
   */
  public int shards(List<TrainingSequence> sequences) {
    return Math.min(settings.gradientShards(), sequences.size() / settings.rowsPerUnit());
  }

  /**
   * The gradients of some shards of a step, for several learners that share its work. Each computes
   * a range of shards, and sends the {@link ShardTree#nodes} to whoever collects them; there they
   * are taken up by {@link #received} and {@link ShardTree#add}, in any order, and the whole is
   * applied by {@link #prepare(ShardTree)}. Weights and optimizer stay as they are. Parameters and
   * exceptions as for {@link #step(List, Selection, double, LossFunction)}.
   *
   * @param sequences of the whole step, the same on every learner
   * @param range the shards to compute, of those that {@link #shards} counts
   * @return belongs to the caller
   */
  public ShardTree prepareShards(
      List<TrainingSequence> sequences,
      Selection selection,
      double temperature,
      LossFunction loss,
      ShardRange range) {
    return prepareShards(sequences, StepObjective.of(selection, temperature, loss), range);
  }

  /**
   * The same with a loss that sees a reference; see {@link #step(List, Selection, double,
   * ReferenceDistribution, LossFunction)}.
   */
  public ShardTree prepareShards(
      List<TrainingSequence> sequences,
      Selection selection,
      double temperature,
      ReferenceDistribution reference,
      LossFunction loss,
      ShardRange range) {
    return prepareShards(
        sequences, new StepObjective(selection, temperature, reference, loss), range);
  }

  /**
   * @param range null for all shards
   */
  private ShardTree prepareShards(
      List<TrainingSequence> sequences, StepObjective objective, ShardRange range) {
    if (sequences.isEmpty()) {
      throw new IllegalArgumentException(
          "an optimizer step needs at least one sequence, found none; leave out steps without"
              + " data");
    }
    objective.check(reader(), sequences);
    return shardPass.compute(weights(), sequences, objective, range);
  }

  /**
   * A node of a tree that another learner computed.
   *
   * @param range its shards
   * @param totals what they add up to beside the gradient
   * @param values what {@link GradientSum#values} gave; copied
   * @return belongs to the caller, or to the tree that it is added to
   * @throws IllegalArgumentException if the values are not those of a decoder of this shape
   */
  public GradientSum received(ShardRange range, StepTotals totals, List<ByteBuffer> values) {
    return accelerator.exclusively(
        () -> new GradientSum(range, totals, buffers, buffers.copyOf(values)));
  }

  /**
   * The optimizer step of a gradient that is whole.
   *
   * @param tree all shards of the step; empty afterwards
   * @return to be applied or closed before the next step
   * @throws IllegalStateException if shards are missing, or the step before was neither applied nor
   *     closed
   * @throws ArithmeticException if the loss or the gradient is not finite
   */
  public PendingStep prepare(ShardTree tree) {
    requireNothingPending();
    GradientSum sum = tree.take();
    NDManager scope = accelerator.manager().newSubManager();
    return prepare(
        new StepGradient(
            sum.totals(),
            pieces.views(scope, sum.sums(), pieces.all()),
            () -> {
              scope.close();
              sum.closeCleared();
            },
            () -> {
              scope.close();
              sum.close();
            }));
  }

  private PendingStep prepare(StepGradient gradient) {
    boolean prepared = false;
    try {
      double[] own = accelerator.exclusively(() -> optimizer.norms(gradient.values()));
      double norm = OptimizerState.norm(exchange.map(it -> it.norms(own)).orElse(own));
      requireFinite(gradient.totals().loss(), norm);
      pending = new PendingStep(this, gradient, norm);
      prepared = true;
      return pending;
    } finally {
      if (!prepared) {
        free(gradient.close());
      }
    }
  }

  private void requireNothingPending() {
    if (pending != null) {
      throw new IllegalStateException(
          "optimizer step %d was neither applied nor closed; do that before the next one"
              .formatted(optimizer.steps()));
    }
  }

  private void requireFinite(double loss, double norm) {
    if (!Double.isFinite(norm) || !Double.isFinite(loss)) {
      throw new ArithmeticException(
          "optimizer step %d has loss %s and gradient norm %s: not finite, so the weights were left as they were; lower the learning rate or look at the rewards and log-probabilities of this step"
              .formatted(optimizer.steps(), loss, norm));
    }
  }

  /** Moves the weights by the step's gradient, which has this norm with others or alone. */
  StepReport apply(PendingStep step, double norm) {
    if (step != pending) {
      throw new IllegalStateException("this optimizer step was applied or closed before");
    }
    double rate = settings.learningRate().at(place.orElse(optimizer.steps()));
    StepGradient gradient = step.gradient();
    accelerator.exclusively(
        () -> {
          optimizer.clip(gradient.values(), norm, settings.maxGradientNorm());
          optimizer.update(gradient.values(), rate, settings);
          return null;
        });
    pending = null;
    free(gradient.closeCleared());
    exchange.ifPresent(GradientExchange::spread);
    closeCast();
    StepTotals totals = gradient.totals();
    return new StepReport(
        totals.loss(),
        step.gradientNorm(),
        rate,
        totals.meanEntropy(),
        totals.tokens(),
        totals.microBatches(),
        totals.tally());
  }

  /** Forgets the gradient of a step that will not be applied. */
  void drop(PendingStep step) {
    if (step == pending) {
      pending = null;
      free(step.gradient().close());
    }
  }

  private void free(Runnable memory) {
    accelerator.exclusively(
        () -> {
          memory.run();
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
   * Gives the learner that writes a checkpoint what this one alone has: the moments of its pieces.
   * To be called by all learners but the first one, while that calls {@link OptimizerState#toHost}.
   */
  public void assist() {
    optimizer.assist();
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
    buffers.close();
    pass.close();
    masters.close();
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
