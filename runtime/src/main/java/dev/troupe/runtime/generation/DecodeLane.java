package dev.troupe.runtime.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.program.ProgramValue;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of a batch that are decoded by the same native calls.
 *
 * <p>Each prompt is read once and its cache handed to all its samples. Rows that finish leave as
 * soon as a quarter of them is done. Owns its caches; close it. One thread at a time.
 */
final class DecodeLane implements AutoCloseable {
  private static final double CROWDED = 0.75;

  private final GenerationEngine engine;
  private final Sampling sampling;
  private final Tokenizer tokenizer;
  private List<Row> live;
  private Rows caches;
  private long readUnder = -1;

  /** One completion under way. */
  static final class Row {
    private final int group;
    private final int sample;
    private final int[] prompt;
    private final int limit;
    private final int drawn;
    private final long stream;
    private final int[] tokens;
    private final float[] logps;
    private final List<Stretch> stretches = new ArrayList<>(1);
    private int length;
    private FinishReason finish;

    Row(int group, GenerationRequest request, int sample, int limit, long seed) {
      this.group = group;
      this.sample = sample;
      this.prompt = request.promptTokens();
      this.limit = limit;
      this.drawn = request.drawn();
      this.stream = CounterRandom.stream(seed, request.ticket(), sample);
      this.tokens = new int[limit];
      this.logps = new float[limit];
    }

    /** The cache slot of the token that will be drawn next. */
    int slot() {
      return prompt.length + length;
    }

    Completion completion() {
      return new Completion(
          sample, Arrays.copyOf(tokens, length), Arrays.copyOf(logps, length), finish, stretches);
    }

    int[] text() {
      int[] text = Arrays.copyOf(prompt, prompt.length + length);
      System.arraycopy(tokens, 0, text, prompt.length, length);
      return text;
    }
  }

  /**
   * The native state of the rows in the batch.
   *
   * @param commonSlot where all rows go on, -1 where they differ
   * @param slots of the caches over which attention runs
   */
  record Rows(
      NDManager manager,
      NDArray[] keys,
      NDArray[] values,
      NDArray stream,
      NDArray seen,
      int commonSlot,
      int slots) {

    Rows at(int common, int newSlots, NDArray newStream) {
      return new Rows(manager, keys, values, newStream, seen, common, newSlots);
    }

    int capacity() {
      return (int) values[0].getShape().get(2);
    }
  }

  /**
   * @param rows to decode, those of a group one after the other
   */
  DecodeLane(GenerationEngine engine, List<Row> rows, Sampling sampling, Tokenizer tokenizer) {
    this.engine = engine;
    this.live = rows;
    this.sampling = sampling;
    this.tokenizer = tokenizer;
  }

  boolean isFinished() {
    return live.isEmpty();
  }

  int liveRows() {
    return live.size();
  }

  /** Decodes up to one chunk of tokens for every row that has not ended. */
  void advance() {
    if (readUnder != engine.adopted()) {
      read();
    }
    decodeChunk();
    leave();
  }

  @Override
  public void close() {
    if (caches != null) {
      caches.manager().close();
      caches = null;
    }
  }

  /** Reads prompts (and, under new weights, what was decoded so far) into fresh caches. */
  private void read() {
    close();
    NDManager manager = engine.accelerator().manager().newSubManager();
    boolean fresh = live.stream().allMatch(row -> row.length == 0);
    var texts = new ArrayList<int[]>();
    long[] owner = new long[live.size()];
    int lastGroup = -1;
    for (int i = 0; i < owner.length; i++) {
      Row row = live.get(i);
      if (!fresh || row.group != lastGroup) {
        texts.add(row.text());
        lastGroup = row.group;
      }
      owner[i] = texts.size() - 1L;
    }
    try (Prompts prompts = Prompts.of(manager, texts, GenerationEngine.PROMPT_STEP);
        NDArray ownerB = manager.create(owner)) {
      int longest = texts.stream().mapToInt(text -> text.length).max().orElseThrow();
      ProgramValue[] values =
          engine.prefill(prompts, ownerB, capacity(longest + GenerationEngine.CHUNK));
      caches =
          new Rows(
              manager,
              values[0].tensors(manager),
              values[1].tensors(manager),
              values[2].tensor(manager),
              seen(manager),
              -1,
              0);
    }
    readUnder = engine.adopted();
    for (Row row : live) {
      if (row.finish == null) {
        row.stretches.add(new Stretch(row.length, readUnder));
      }
    }
  }

  private NDArray seen(NDManager manager) {
    if (sampling.repetitionPenalty() == 1) {
      return manager.create(new boolean[0]);
    }
    int vocabulary = engine.config().vocabSize();
    boolean[] seen = new boolean[live.size() * vocabulary];
    for (int i = 0; i < live.size(); i++) {
      for (int token : live.get(i).text()) {
        seen[i * vocabulary + token] = true;
      }
    }
    return manager.create(seen, new Shape(live.size(), vocabulary));
  }

  private void decodeChunk() {
    int rows = live.size();
    int wanted =
        live.stream()
            .filter(row -> row.finish == null)
            .mapToInt(r -> r.limit - r.length)
            .max()
            .orElseThrow();
    int n = Math.min(GenerationEngine.CHUNK, wanted);
    long[] at = new long[rows];
    float[] uniforms = new float[rows * n];
    long lowest = Long.MAX_VALUE;
    long highest = 0;
    for (int i = 0; i < rows; i++) {
      Row row = live.get(i);
      at[i] = row.slot();
      lowest = Math.min(lowest, at[i]);
      highest = Math.max(highest, at[i]);
      for (int j = 0; j < n; j++) {
        uniforms[i * n + j] = CounterRandom.uniform(row.stream, row.drawn + row.length + j);
      }
    }
    reserve((int) highest + n);
    int slots = engine.mayReserve() ? rounded((int) highest + n) : caches.capacity();
    NDManager manager = caches.manager();
    int common = lowest == highest ? (int) lowest : -1;
    NDArray stream = caches.stream();
    try (NDArray atB = manager.create(at);
        NDArray uniformsBN = manager.create(uniforms, new Shape(rows, n))) {
      ProgramValue[] values =
          engine.decode(caches.at(common, slots, stream), atB, uniformsBN, n == wanted, sampling);
      caches = caches.at(common, slots, values[2].tensor(manager));
      stream.close();
      try (NDArray tokensBN = values[0].tensor(manager);
          NDArray chancesBN = values[1].tensor(manager)) {
        collect(tokensBN.toLongArray(), chancesBN.toFloatArray(), n);
      }
    }
  }

  private int rounded(int slots) {
    return GenerationEngine.rounded(slots, engine.cacheStep());
  }

  /**
   * Slots to reserve when that many are needed: twice as many, up to what the longest row can come
   * to, so that growing copies little; only those where attention is over all of them.
   */
  private int capacity(int slots) {
    int most = live.stream().mapToInt(row -> row.prompt.length + row.limit).max().orElseThrow();
    return engine.mayReserve()
        ? Math.max(rounded(slots), Math.min(rounded(most), 2 * rounded(slots)))
        : rounded(slots);
  }

  /** Lengthens the caches where there is no room for that many slots. */
  private void reserve(int slots) {
    if (slots <= caches.capacity()) {
      return;
    }
    Rows old = caches;
    ProgramValue[] grown = engine.grow(old.keys(), old.values(), capacity(slots));
    caches =
        new Rows(
            old.manager(),
            grown[0].tensors(old.manager()),
            grown[1].tensors(old.manager()),
            old.stream(),
            old.seen(),
            old.commonSlot(),
            old.slots());
    for (int layer = 0; layer < old.keys().length; layer++) {
      old.keys()[layer].close();
      old.values()[layer].close();
    }
  }

  private void collect(long[] tokens, float[] chances, int n) {
    for (int i = 0; i < live.size(); i++) {
      Row row = live.get(i);
      int before = row.length;
      for (int j = 0; j < n && row.finish == null; j++) {
        int token = (int) tokens[i * n + j];
        row.tokens[row.length] = token;
        row.logps[row.length] = (float) Math.log(chances[i * n + j]);
        row.length++;
        if (sampling.stopTokens().contains(token)) {
          row.finish = FinishReason.STOP_TOKEN;
        } else if (row.length == row.limit) {
          row.finish = FinishReason.LENGTH;
        }
      }
      if (!sampling.stopStrings().isEmpty()) {
        stopAtString(row, before);
      }
    }
  }

  /** Ends a row at the first token after which its text contains a stop string. */
  private void stopAtString(Row row, int before) {
    if (!containsStop(row, row.length)) {
      return;
    }
    int end = before + 1;
    while (end < row.length && !containsStop(row, end)) {
      end++;
    }
    row.length = end;
    row.finish = FinishReason.STOP_STRING;
  }

  private boolean containsStop(Row row, int length) {
    String text = tokenizer.decode(Arrays.copyOf(row.tokens, length));
    return sampling.stopStrings().stream().anyMatch(text::contains);
  }

  /** Takes finished rows out of the caches when enough of them wait. */
  private void leave() {
    List<Row> remaining = live.stream().filter(row -> row.finish == null).toList();
    if (remaining.isEmpty()) {
      live = List.of();
      close();
    } else if (remaining.size() <= CROWDED * live.size()) {
      long[] kept = new long[remaining.size()];
      for (int i = 0, n = 0; i < live.size(); i++) {
        if (live.get(i).finish == null) {
          kept[n++] = i;
        }
      }
      keep(kept);
      live = new ArrayList<>(remaining);
    }
  }

  private void keep(long[] kept) {
    NDManager old = caches.manager();
    NDManager manager = engine.accelerator().manager().newSubManager();
    try (NDArray rows = old.create(kept)) {
      caches =
          new Rows(
              manager,
              kept(caches.keys(), rows, manager),
              kept(caches.values(), rows, manager),
              kept(new NDArray[] {caches.stream()}, rows, manager)[0],
              sampling.repetitionPenalty() == 1
                  ? manager.create(new boolean[0])
                  : kept(new NDArray[] {caches.seen()}, rows, manager)[0],
              -1,
              0);
    }
    old.close();
  }

  private NDArray[] kept(NDArray[] arrays, NDArray rows, NDManager manager) {
    return engine.accelerator().program().infer("keep_rows", arrays, rows).tensors(manager);
  }
}
