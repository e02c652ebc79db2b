package dev.troupe.runtime.generation;

import dev.troupe.runtime.generation.DecodeLane.Row;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Completions that are decoded together, one chunk of tokens per {@link #advance}.
 *
 * <p>With a small decoder on a CPU the rows are split into lanes that run side by side, because its
 * operators are too small to be split themselves. Owns native caches; close it. One thread at a
 * time.
 */
public final class DecodeBatch implements AutoCloseable {
  /** Fewer rows than this are not worth a lane. */
  private static final int LEAST_ROWS = 8;

  /**
   * Multiplications of a decoder's widest product up to which lanes are faster than threads within
   * an operator; measured at 64 rows: 1.2 times faster with 6 million, with 50 million no gain in
   * float32 and about 1.15 times faster in bfloat16, whose products take a smaller share.
   */
  private static final long SMALL_PRODUCT = 16_000_000;

  private static final long SMALL_NARROW_PRODUCT = 64_000_000;

  /**
   * Rows of a lane in bfloat16. There the last bit may follow the number of rows that share a
   * product (oneDNN has other kernels for few of them), so lanes must not follow the threads.
   */
  private static final int NARROW_ROWS = 32;

  private final GenerationEngine engine;
  private final List<List<Row>> groups = new ArrayList<>();
  private final List<DecodeLane> lanes = new ArrayList<>();

  DecodeBatch(
      GenerationEngine engine,
      List<GenerationRequest> unit,
      Sampling sampling,
      long seed,
      Tokenizer tokenizer) {
    this.engine = engine;
    if (tokenizer == null && !sampling.stopStrings().isEmpty()) {
      throw new IllegalArgumentException("stop strings need a tokenizer");
    }
    var rows = new ArrayList<Row>();
    for (GenerationRequest request : unit) {
      check(request, engine.config());
      int room = engine.config().context() - request.promptTokens().length;
      int limit = Math.min(Math.min(sampling.maxTokens(), request.maxTokens()), room);
      var group = new ArrayList<Row>();
      for (int sample = 0; sample < request.samples(); sample++) {
        int index = request.firstSample() + sample;
        group.add(new Row(groups.size(), request, index, limit, seed));
      }
      groups.add(group);
      rows.addAll(group);
    }
    int count = lanes(rows.size());
    for (int lane = 0; lane < count; lane++) {
      List<Row> part = rows.subList(rows.size() * lane / count, rows.size() * (lane + 1) / count);
      lanes.add(new DecodeLane(engine, List.copyOf(part), sampling, tokenizer));
    }
  }

  private int lanes(int rows) {
    DecoderConfig config = engine.config();
    long widest = (long) rows * config.width() * 2 * config.feedForward();
    boolean isNarrow = engine.compute() == NumericType.BF16;
    if (engine.accelerator().device().isGpu()
        || widest > (isNarrow ? SMALL_NARROW_PRODUCT : SMALL_PRODUCT)) {
      return 1;
    }
    int most = isNarrow ? rows / NARROW_ROWS : engine.accelerator().lanes();
    return Math.max(1, Math.min(most, rows / LEAST_ROWS));
  }

  private static void check(GenerationRequest request, DecoderConfig config) {
    int[] prompt = request.promptTokens();
    if (prompt.length >= config.context()) {
      throw new IllegalArgumentException(
          "ticket %d: the prompt has %d tokens and the context holds %d, so no token can be added; shorten the prompt or use a model with a longer context"
              .formatted(request.ticket(), prompt.length, config.context()));
    }
    for (int token : prompt) {
      if (token < 0 || token >= config.vocabSize()) {
        throw new IllegalArgumentException(
            "ticket %d: prompt token %d is outside the vocabulary of %d"
                .formatted(request.ticket(), token, config.vocabSize()));
      }
    }
  }

  /** Whether every completion has ended. */
  public boolean isFinished() {
    return lanes.stream().allMatch(DecodeLane::isFinished);
  }

  /** Number of completions that have not ended. */
  public int liveRows() {
    return lanes.stream().mapToInt(DecodeLane::liveRows).sum();
  }

  /** Decodes up to one chunk of tokens for every completion that has not ended. */
  public void advance() {
    var unfinished = new ArrayList<Runnable>(lanes.size());
    for (DecodeLane lane : lanes) {
      if (!lane.isFinished()) {
        unfinished.add(lane::advance);
      }
    }
    if (!unfinished.isEmpty()) {
      engine
          .accelerator()
          .exclusively(
              () -> {
                engine.accelerator().sideBySide(unfinished);
                return null;
              });
    }
  }

  /**
   * What there is of each completion, by request and sample; one that has not ended has no reason
   * why it ended.
   */
  public List<List<Completion>> progress() {
    return groups.stream().map(group -> group.stream().map(Row::completion).toList()).toList();
  }

  /**
   * The completions, by request and sample.
   *
   * @throws IllegalStateException while some are still under way
   */
  public List<List<Completion>> completions() {
    if (!isFinished()) {
      throw new IllegalStateException(liveRows() + " completions are still under way");
    }
    return progress();
  }

  @Override
  public void close() {
    lanes.forEach(DecodeLane::close);
  }
}
