package dev.troupe.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;

/**
 * The decoder that one would write with DJL's {@link NDArray} alone: a preallocated KV cache, fused
 * projections, one manager a token. The baseline of decoding.
 */
final class EagerGenerator implements AutoCloseable {
  /** Slots of a block in {@link DecoderWeights#arrays()}. */
  private static final int STRIDE = 30;

  private static final int QKV = 1;
  private static final int OUTPUT = 5;
  private static final int SECOND_NORM = 7;
  private static final int GATE_UP = 8;
  private static final int DOWN = 10;
  private static final int FINAL_NORM = 4; // from the end

  /** How a token is drawn. */
  enum Draw {
    /** Gumbel noise for each entry of the vocabulary, as samplers of PyTorch and JAX do it. */
    NOISE,
    /** Inverse CDF from one uniform number a row, as the tensor programs do it. */
    UNIFORM
  }

  private final DecoderConfig config;
  private final Draw draw;
  private final NDArray[] weights;
  private final NDManager manager;
  private final NDArray cosTH;
  private final NDArray sinTH;
  private final float attentionScale;

  /**
   * @param source a decoder without biases and adapters, with a tied head; stays the caller's
   */
  EagerGenerator(DecoderWeights source, Draw draw) {
    this.config = source.config();
    this.draw = draw;
    this.weights = source.arrays();
    this.manager = source.accelerator().manager().newSubManager();
    this.attentionScale = (float) (1 / Math.sqrt(config.headSize()));
    int half = config.headSize() / 2;
    float[] cos = new float[config.context() * half];
    float[] sin = new float[config.context() * half];
    for (int t = 0; t < config.context(); t++) {
      for (int j = 0; j < half; j++) {
        double angle = t * Math.pow(config.ropeTheta(), -2.0 * j / config.headSize());
        cos[t * half + j] = (float) Math.cos(angle);
        sin[t * half + j] = (float) Math.sin(angle);
      }
    }
    cosTH = manager.create(cos, new Shape(config.context(), half));
    sinTH = manager.create(sin, new Shape(config.context(), half));
  }

  /** Tokens drawn at temperature 1 and their log-probabilities in nats, both (n, B). */
  record Generated(long[][] tokens, float[][] logps) {}

  /** Continues the prompts (B, P), all of one length, by n tokens each. */
  Generated generate(long[] promptsBP, int rows, int newTokens) {
    int length = promptsBP.length / rows;
    long[][] tokens = new long[newTokens][];
    float[][] logps = new float[newTokens][];
    try (NDManager scope = manager.newSubManager()) {
      var cache = new Cache(scope, config, rows, length + newTokens);
      for (int j = 0; j < newTokens; j++) {
        try (NDManager step = scope.newSubManager()) {
          NDArray hidden =
              j == 0
                  ? prefill(step.create(promptsBP, new Shape(rows, length)), cache)
                  : decode(step.create(tokens[j - 1]), cache, length + j - 1);
          NDArray logpBV =
              linear(norm(hidden, weights[weights.length - FINAL_NORM]), weights[0]).logSoftmax(-1);
          NDArray drawn =
              draw == Draw.NOISE
                  ? noisiest(logpBV)
                  : inverse(logpBV, step.randomUniform(0f, 1f, new Shape(rows, 1)));
          tokens[j] = drawn.toLongArray();
          logps[j] = logpBV.gather(drawn, 1).toFloatArray();
        }
      }
    }
    return new Generated(tokens, logps);
  }

  /** One token a row, (B, 1): the largest log-probability after noise of its own for each. */
  private static NDArray noisiest(NDArray logpBV) {
    NDArray uniform = logpBV.getManager().randomUniform(1e-9f, 1f, logpBV.getShape());
    return logpBV.sub(uniform.log().neg().log()).argMax(-1).expandDims(1);
  }

  /** One token a row, (B, 1), by inverse CDF from one uniform number a row. */
  private NDArray inverse(NDArray logpBV, NDArray uniformB1) {
    NDArray cdf = logpBV.exp().cumSum(-1);
    NDArray total = cdf.get(":,-1:");
    return cdf.lte(uniformB1.mul(total))
        .toType(DataType.INT64, false)
        .sum(new int[] {1}, true)
        .minimum(config.vocabSize() - 1);
  }

  private record Cache(NDArray[] keys, NDArray[] values) {
    Cache(NDManager manager, DecoderConfig config, int rows, int slots) {
      this(caches(manager, config, rows, slots), caches(manager, config, rows, slots));
    }

    private static NDArray[] caches(NDManager manager, DecoderConfig config, int rows, int slots) {
      NDArray[] caches = new NDArray[config.layers()];
      for (int layer = 0; layer < caches.length; layer++) {
        caches[layer] = manager.zeros(new Shape(rows, config.kvHeads(), slots, config.headSize()));
      }
      return caches;
    }

    /** Writes into slots {@code from} to {@code to} and returns all keys and values so far. */
    NDList extend(NDManager step, int layer, int from, int to, NDArray k, NDArray v) {
      var written = new NDIndex(":,:," + from + ":" + to + ",:");
      keys[layer].set(written, k);
      values[layer].set(written, v);
      var filled = new NDIndex(":,:,0:" + to + ",:");
      NDArray allKeys = keys[layer].get(filled);
      NDArray allValues = values[layer].get(filled);
      allKeys.attach(step);
      allValues.attach(step);
      return new NDList(allKeys, allValues);
    }
  }

  private NDArray prefill(NDArray tokensBT, Cache cache) {
    int length = (int) tokensBT.getShape().get(1);
    NDManager step = tokensBT.getManager();
    NDArray mask = causalMask(step, length);
    NDArray x = embed(tokensBT);
    for (int layer = 0; layer < config.layers(); layer++) {
      x = block(x, layer, cache, 0, length, mask);
    }
    return x.get(":," + (length - 1));
  }

  private NDArray decode(NDArray tokensB, Cache cache, int slot) {
    NDArray x = embed(tokensB).expandDims(1);
    for (int layer = 0; layer < config.layers(); layer++) {
      x = block(x, layer, cache, slot, slot + 1, null);
    }
    return x.squeeze(1);
  }

  /** One block for the tokens x (B, T, D) of cache slots {@code from} to {@code to}. */
  private NDArray block(NDArray x, int layer, Cache cache, int from, int to, NDArray mask) {
    int o = 1 + STRIDE * layer;
    long rows = x.getShape().get(0);
    long length = to - from;
    int heads = config.heads();
    int kvHeads = config.kvHeads();
    int size = config.headSize();
    NDManager step = x.getManager();
    NDArray cos = cosTH.get(from + ":" + to);
    NDArray sin = sinTH.get(from + ":" + to);
    cos.attach(step);
    sin.attach(step);
    NDList qkv =
        linear(norm(x, weights[o]), weights[o + QKV])
            .reshape(rows, length, heads + 2L * kvHeads, size)
            .transpose(0, 2, 1, 3)
            .split(new long[] {heads + kvHeads}, 1);
    NDArray turned = rotate(qkv.get(0), cos, sin);
    NDList queryKey = turned.split(new long[] {heads}, 1);
    NDList seen = cache.extend(step, layer, from, to, queryKey.get(1), qkv.get(1));
    // The queries that share a key head lie side by side: one product serves them all.
    int shared = config.headsPerKv();
    NDArray q = queryKey.get(0).reshape(rows, kvHeads, shared * length, size);
    NDArray scores = q.matMul(seen.get(0).transpose(0, 1, 3, 2)).mul(attentionScale);
    if (mask != null) {
      scores =
          scores
              .reshape(rows, kvHeads, shared, length, to)
              .add(mask)
              .reshape(rows, kvHeads, shared * length, to);
    }
    NDArray mixed =
        scores
            .softmax(-1)
            .matMul(seen.get(1))
            .reshape(rows, heads, length, size)
            .transpose(0, 2, 1, 3)
            .reshape(rows, length, (long) heads * size);
    x = x.add(linear(mixed, weights[o + OUTPUT]));
    NDList gateUp = linear(norm(x, weights[o + SECOND_NORM]), weights[o + GATE_UP]).split(2, 2);
    NDArray gate = gateUp.get(0);
    NDArray inner = gate.mul(gate.getNDArrayInternal().sigmoid()).mul(gateUp.get(1));
    return x.add(linear(inner, weights[o + DOWN]));
  }

  private NDArray embed(NDArray tokens) {
    return tokens
        .getNDArrayInternal()
        .embedding(tokens, weights[0], SparseFormat.DENSE)
        .singletonOrThrow();
  }

  private NDArray norm(NDArray x, NDArray gain) {
    NDArray meanSquare = x.square().mean(new int[] {-1}, true);
    return x.div(meanSquare.add(config.normEpsilon()).sqrt()).mul(gain);
  }

  private static NDArray rotate(NDArray x, NDArray cos, NDArray sin) {
    NDList halves = x.split(2, x.getShape().dimension() - 1);
    NDArray a = halves.get(0);
    NDArray b = halves.get(1);
    return NDArrays.concat(new NDList(a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))), -1);
  }

  private static NDArray causalMask(NDManager manager, int length) {
    float[] mask = new float[length * length];
    for (int i = 0; i < length; i++) {
      for (int j = i + 1; j < length; j++) {
        mask[i * length + j] = Float.NEGATIVE_INFINITY;
      }
    }
    return manager.create(mask, new Shape(length, length));
  }

  private static NDArray linear(NDArray x, NDArray weight) {
    return x.getNDArrayInternal().linear(x, weight, null).singletonOrThrow();
  }

  @Override
  public void close() {
    manager.close();
  }
}
