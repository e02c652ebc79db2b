package dev.troupe.runtime.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.Rotary;
import dev.troupe.runtime.program.ProgramValue;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.util.List;

/**
 * Decodes completions with the weights that it last took up.
 *
 * <p>On a CPU in float32 a completion's tokens and log-probabilities are a function of (weights,
 * prompt, sampling, seed, ticket, sample) to the last bit: they do not depend on the other rows of
 * the batch, on the number of threads or on when other rows finish. In bfloat16 they do not depend
 * on threads either, but oneDNN chooses kernels by the number of rows, so that on rare occasions a
 * rounding follows the composition of the unit; units are therefore of fixed composition.
 */
public final class GenerationEngine implements AutoCloseable {
  /** Tokens decoded by one native call. */
  static final int CHUNK = 16;

  /** Prompts are padded to a multiple of this, the block of prefill's attention. */
  static final int PROMPT_STEP = 32;

  /**
   * Products of batched matrix sizes above which libtorch leaves its kernels for tiny matrices, in
   * float32 (one matrix) and bfloat16 (the whole batch). Attention stays above both at every width,
   * so that a row never changes kernels with the length or the number of its neighbours.
   */
  private static final int TINY_MATRIX = 400;

  private static final int TINY_BATCH = 16 * 16 * 16;

  /** The batch for which oneDNN blocks the matrices; any other batch gives the same numbers. */
  private static final int BLOCKED_ROWS = 64;

  /** Packed slots of one block, among them those of its low-rank branches. */
  private static final int BLOCK_SLOTS = 24;

  private static final int FIRST_PAIR_SLOT = 10;
  private static final int PAIR_SLOTS = 8;

  private final Accelerator accelerator;
  private final DecoderConfig config;
  private final NumericType compute;
  private final Rotary rotary;
  private final int cacheStep;
  private final WeightPrecision precision;
  private NDManager packedManager;
  private NDManager pairsManager;
  private NDArray[] packed;
  private int[] shape;
  private double[] numbers;
  private long adopted;

  /**
   * Prepares an engine that has no weights yet; see {@link #adopt}.
   *
   * @param accelerator where it decodes
   * @param config the decoder whose weights will be taken up
   * @param compute type of matrix products
   */
  public GenerationEngine(Accelerator accelerator, DecoderConfig config, NumericType compute) {
    this(accelerator, config, compute, WeightPrecision.FULL);
  }

  /**
   * Prepares an engine that may take up its weights as integers. Their low-rank adapters are then
   * not folded into the integers, whose steps would swallow them, but added as a branch of their
   * own in the compute type: {@code y = W_q x + s B (A x)}.
   *
   * @param accelerator where it decodes
   * @param config the decoder whose weights will be taken up
   * @param compute type of matrix products
   * @param precision of the blocks' matrices
   */
  public GenerationEngine(
      Accelerator accelerator,
      DecoderConfig config,
      NumericType compute,
      WeightPrecision precision) {
    this.precision = precision;
    this.accelerator = accelerator;
    this.config = config;
    this.compute = compute;
    this.cacheStep = cacheStep(config, compute);
    this.rotary = Rotary.of(accelerator, config, CHUNK + cacheStep);
  }

  /**
   * Takes up a version of the weights; the caller keeps ownership of them. A batch that is under
   * way reads its rows again under the new weights before its next chunk, as in AReaL (Fu et al.
   * 2025, section 4.1), so that the log-probability of each token is exactly that of the weights
   * that sampled it; PipelineRL keeps the caches of the old ones instead.
   *
   * @throws IllegalArgumentException if they belong to a decoder of another shape
   */
  public void adopt(DecoderWeights weights) {
    check(weights);
    accelerator.exclusively(
        () -> {
          NDManager next = accelerator.manager().newSubManager();
          NDArray[] arrays =
              accelerator
                  .program()
                  .call(
                      "pack",
                      weights.arrays(),
                      weights.shape(),
                      weights.numbers(),
                      weights.scale(),
                      precision.limit(),
                      compute.code(),
                      accelerator.blockedMatrices(),
                      BLOCKED_ROWS)
                  .tensors(next);
          closePacked();
          packedManager = next;
          packed = arrays;
          shape = weights.shape();
          numbers = weights.numbers();
          if (precision != WeightPrecision.FULL) {
            placePairs(weights);
          }
          adopted++;
          return null;
        });
  }

  /**
   * Takes up the low-rank adapters of weights whose other tensors are those of the version taken up
   * last; only the adapters are read. Under {@link WeightPrecision#FULL}, where they are merged,
   * this is {@link #adopt}; else the integers stay and it costs no more than the adapters' size.
   *
   * @throws IllegalArgumentException if they belong to a decoder of another shape
   * @throws IllegalStateException if no version was taken up before
   */
  public void adoptAdapters(DecoderWeights weights) {
    check(weights);
    if (packed == null) {
      throw new IllegalStateException(
          "adapters were offered before any weights; take up a whole version first");
    }
    if (precision == WeightPrecision.FULL) {
      adopt(weights);
      return;
    }
    accelerator.exclusively(
        () -> {
          placePairs(weights);
          adopted++;
          return null;
        });
  }

  private void check(DecoderWeights weights) {
    if (!decoding(weights.config()).equals(decoding(config))) {
      throw new IllegalArgumentException(
          "weights of another decoder were offered: this engine decodes %s, they are of %s"
              .formatted(decoding(config), decoding(weights.config())));
    }
  }

  /** Puts the adapters' branches into their slots in place of those there. */
  private void placePairs(DecoderWeights weights) {
    NDManager next = accelerator.manager().newSubManager();
    NDArray[] pairs =
        accelerator
            .program()
            .call(
                "pack_pairs",
                weights.arrays(),
                weights.shape(),
                weights.numbers(),
                weights.scale(),
                compute.code(),
                accelerator.blockedMatrices(),
                BLOCKED_ROWS)
            .tensors(next);
    for (int i = 0; i < pairs.length; i++) {
      int layer = i / PAIR_SLOTS;
      packed[layer * BLOCK_SLOTS + FIRST_PAIR_SLOT + i % PAIR_SLOTS] = pairs[i];
    }
    closePairs();
    pairsManager = next;
  }

  /**
   * Decodes a unit of work: all completions of all its prompts together.
   *
   * @param unit prompts with their numbers of samples
   * @param sampling how tokens are drawn and what ends a completion
   * @param seed of the run
   * @param tokenizer for stop strings; may be null when there are none
   * @return for each request its completions in sample order
   * @throws IllegalArgumentException if a prompt does not leave room for one token in the context,
   *     or has a token outside the vocabulary
   */
  public List<List<Completion>> generate(
      List<GenerationRequest> unit, Sampling sampling, long seed, Tokenizer tokenizer) {
    try (DecodeBatch batch = start(unit, sampling, seed, tokenizer)) {
      while (!batch.isFinished()) {
        batch.advance();
      }
      return batch.completions();
    }
  }

  /**
   * Begins a batch that the caller advances chunk by chunk, for instance to take up new weights in
   * between. Parameters as for {@link #generate}.
   */
  public DecodeBatch start(
      List<GenerationRequest> unit, Sampling sampling, long seed, Tokenizer tokenizer) {
    if (packed == null) {
      throw new IllegalStateException("no weights were taken up before the first prompt");
    }
    return new DecodeBatch(this, unit, sampling, seed, tokenizer);
  }

  /** The decoder's shape. */
  public DecoderConfig config() {
    return config;
  }

  @Override
  public void close() {
    closePacked();
    rotary.close();
  }

  /** Type of the matrix products. */
  NumericType compute() {
    return compute;
  }

  Accelerator accelerator() {
    return accelerator;
  }

  /** Cache lengths, over which attention runs, are multiples of this. */
  int cacheStep() {
    return cacheStep;
  }

  /**
   * Whether caches may have more slots than attention runs over. oneDNN's product in bfloat16 takes
   * no part of a cache and would copy it for each token.
   */
  boolean mayReserve() {
    return compute == NumericType.FP32 || accelerator.device().isGpu();
  }

  /** The next multiple of a step. */
  static int rounded(int slots, int step) {
    return (slots + step - 1) / step * step;
  }

  private static int cacheStep(DecoderConfig config, NumericType compute) {
    int step = PROMPT_STEP;
    while (isTiny(config, compute, step)) {
      step *= 2;
    }
    return step;
  }

  private static boolean isTiny(DecoderConfig config, NumericType compute, int step) {
    return compute == NumericType.FP32
        ? config.headsPerKv() * config.headSize() * step < TINY_MATRIX
        : config.heads() * config.headSize() * step <= TINY_BATCH;
  }

  /** How many versions it has taken up: the number of the last one, from 1. */
  public long adopted() {
    return adopted;
  }

  /**
   * Reads prompts and hands each row a copy of its prompt's cache.
   *
   * @param prompts texts, one after the other
   * @param row which of them each row continues
   * @param capacity slots of the caches
   */
  ProgramValue[] prefill(Prompts prompts, NDArray row, int capacity) {
    return accelerator
        .program()
        .infer(
            "prefill",
            packed,
            shape,
            numbers,
            rotary.turns(),
            prompts.tokensN(),
            prompts.positionsN(),
            prompts.slotN(),
            prompts.endsU(),
            prompts.columns(),
            row,
            capacity,
            compute.code(),
            accelerator.blockedMatrices())
        .tuple();
  }

  /**
   * Decodes a token a row for each column of the uniforms.
   *
   * @param ending whether no row goes on after these tokens
   */
  ProgramValue[] decode(
      DecodeLane.Rows rows, NDArray at, NDArray uniforms, boolean ending, Sampling sampling) {
    return accelerator
        .program()
        .infer(
            "decode",
            packed,
            shape,
            numbers,
            rotary.turns(),
            rows.keys(),
            rows.values(),
            rows.stream(),
            at,
            rows.commonSlot(),
            rows.slots(),
            uniforms,
            (int) uniforms.getShape().get(1),
            ending,
            new double[] {sampling.temperature(), sampling.topP(), sampling.minP()},
            Math.min(sampling.topK(), config.vocabSize()),
            sampling.repetitionPenalty(),
            rows.seen(),
            compute.code(),
            accelerator.blockedMatrices())
        .tuple();
  }

  /** The part of a configuration that decoding depends on: not the score head, not the tokens. */
  private static DecoderConfig decoding(DecoderConfig config) {
    return config.withScores(0).withTokens(-1, List.of(), -1);
  }

  ProgramValue[] grow(NDArray[] keys, NDArray[] values, int capacity) {
    return accelerator.program().infer("grow", keys, values, capacity).tuple();
  }

  private void closePacked() {
    if (packedManager != null) {
      packedManager.close();
      packedManager = null;
    }
    closePairs();
  }

  private void closePairs() {
    if (pairsManager != null) {
      pairsManager.close();
      pairsManager = null;
    }
  }
}
