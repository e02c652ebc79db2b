package dev.troupe.runtime.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import dev.troupe.runtime.checkpoint.HostTensor;
import java.util.HashMap;
import java.util.Map;

/**
 * The same decoder written with plain DJL {@link NDArray} operations, one tensor per Hugging Face
 * name: the independent implementation that tensor programs are checked against and measured
 * against.
 */
public final class EagerDecoder implements AutoCloseable {
  private final DecoderConfig config;
  private final NDManager manager;
  private final Map<String, NDArray> weights = new HashMap<>();
  private final NDArray[] cosTH;
  private final NDArray[] sinTH;
  private final NDArray attentionScale;
  private final NDArray attentionCap;
  private final NDArray logitCap;
  private final NDArray embeddingFactor;
  private final NDArray one;
  private final NDArray half;
  private final NDArray geluCubic;
  private final NDArray geluScale;

  public EagerDecoder(DecoderWeights source) {
    this.config = source.config();
    this.manager = source.accelerator().manager().newSubManager();
    for (HostTensor tensor : source.toHost()) {
      weights.put(tensor.name(), manager.create(tensor.toFloats(), new Shape(tensor.shape())));
    }
    // Never x.mul(number) under autograd: DJL frees the number's memory while the graph still
    // points there.
    attentionScale = manager.create((float) config.attentionScale());
    attentionCap = manager.create((float) config.traits().attentionCap());
    logitCap = manager.create((float) config.traits().logitCap());
    embeddingFactor = manager.create((float) config.embeddingFactor());
    one = manager.create(1f);
    half = manager.create(0.5f);
    geluCubic = manager.create(0.044715f);
    geluScale = manager.create((float) Math.sqrt(2 / Math.PI));
    RopeScaling scaling = config.traits().ropeScaling();
    double localTheta = config.traits().localTheta();
    double[] global = scaling.frequencies(config.ropeTheta(), config.rotated(), config.context());
    double[] local =
        localTheta == 0
            ? global
            : RopeScaling.NONE.frequencies(localTheta, config.rotated(), config.context());
    cosTH =
        new NDArray[] {table(global, scaling.magnitude(), 0), table(local, localMagnitude(), 0)};
    sinTH =
        new NDArray[] {
          table(global, scaling.magnitude(), -Math.PI / 2),
          table(local, localMagnitude(), -Math.PI / 2)
        };
  }

  private double localMagnitude() {
    DecoderTraits traits = config.traits();
    return traits.localTheta() == 0 ? traits.ropeScaling().magnitude() : 1;
  }

  private NDArray table(double[] frequencies, double magnitude, double phase) {
    float[] values = new float[config.context() * frequencies.length];
    for (int i = 0; i < values.length; i++) {
      double angle = i / frequencies.length * frequencies[i % frequencies.length];
      values[i] = (float) (magnitude * Math.cos(angle + phase));
    }
    return manager.create(values, new Shape(config.context(), frequencies.length));
  }

  public NDManager manager() {
    return manager;
  }

  public NDArray weight(String name) {
    return weights.get(name);
  }

  public Map<String, NDArray> weights() {
    return weights;
  }

  public void requireGradients() {
    weights.values().forEach(weight -> weight.setRequiresGradient(true));
  }

  /** Hidden states after the final norm, (B, T, D), of tokens (B, T). */
  public NDArray hidden(NDArray tokensBT) {
    int length = (int) tokensBT.getShape().get(1);
    NDArray x = embed(tokensBT);
    for (int layer = 0; layer < config.layers(); layer++) {
      String p = "model.layers." + layer + ".";
      int window = config.traits().window(layer);
      int set = window > 0 ? 1 : 0;
      NDArray cos = cosTH[set].get("0:" + length);
      NDArray sin = sinTH[set].get("0:" + length);
      NDArray mask = causalMask(length, window);
      NDArray mixed = attention(norm(x, p + "input_layernorm"), p, cos, sin, mask);
      if (config.traits().postNorms()) {
        x = x.add(norm(mixed, p + "post_attention_layernorm"));
        NDArray fed = feedForward(norm(x, p + "pre_feedforward_layernorm"), p);
        x = x.add(norm(fed, p + "post_feedforward_layernorm"));
      } else {
        x = x.add(mixed);
        x = x.add(feedForward(norm(x, p + "post_attention_layernorm"), p));
      }
    }
    return norm(x, "model.norm");
  }

  /** Logits (B, T, V) of tokens (B, T). */
  public NDArray logits(NDArray tokensBT) {
    return head(hidden(tokensBT));
  }

  /** Scores (B, T, C) of tokens (B, T). */
  public NDArray scores(NDArray tokensBT) {
    return linear(hidden(tokensBT), weight("score.weight"), weight("score.bias"));
  }

  public NDArray head(NDArray hidden) {
    String name = config.tiedHead() ? "model.embed_tokens.weight" : "lm_head.weight";
    return held(linear(hidden, weight(name), null), logitCap, config.traits().logitCap());
  }

  private NDArray embed(NDArray tokens) {
    NDArray x =
        tokens
            .getNDArrayInternal()
            .embedding(tokens, weight("model.embed_tokens.weight"), SparseFormat.DENSE)
            .singletonOrThrow();
    if (config.traits().learnedPositions()) {
      return x.add(
          weight("model.embed_positions.weight")
              .get("0:" + tokens.getShape().get(1))
              .expandDims(0));
    }
    return config.traits().scaledEmbedding() ? x.mul(embeddingFactor) : x;
  }

  private NDArray attention(NDArray x, String p, NDArray cos, NDArray sin, NDArray mask) {
    long batch = x.getShape().get(0);
    long length = x.getShape().get(1);
    NDArray q = project(x, p + "self_attn.q_proj", config.heads(), batch, length);
    NDArray k = project(x, p + "self_attn.k_proj", config.kvHeads(), batch, length);
    NDArray v = project(x, p + "self_attn.v_proj", config.kvHeads(), batch, length);
    if (config.qkNorm()) {
      q = norm(q, p + "self_attn.q_norm");
      k = norm(k, p + "self_attn.k_norm");
    }
    if (!config.traits().learnedPositions()) {
      q = rotate(q, cos, sin);
      k = rotate(k, cos, sin);
    }
    k = repeat(k, batch, length);
    v = repeat(v, batch, length);
    NDArray products = q.matMul(k.transpose(0, 1, 3, 2)).mul(attentionScale);
    NDArray scores = held(products, attentionCap, config.traits().attentionCap()).add(mask);
    NDArray mixed = scores.softmax(-1).matMul(v).transpose(0, 2, 1, 3);
    long inner = (long) config.heads() * config.headSize();
    return linear(
        mixed.reshape(batch, length, inner),
        weight(p + "self_attn.o_proj.weight"),
        weight(p + "self_attn.o_proj.bias"));
  }

  private NDArray feedForward(NDArray x, String p) {
    NDArray up = linear(x, weight(p + "mlp.up_proj.weight"), weight(p + "mlp.up_proj.bias"));
    NDArray inner;
    if (config.traits().feedForward().isGated()) {
      NDArray gate =
          linear(x, weight(p + "mlp.gate_proj.weight"), weight(p + "mlp.gate_proj.bias"));
      boolean isGelu = config.traits().feedForward() == DecoderTraits.FeedForward.GATED_GELU;
      NDArray open = isGelu ? gelu(gate) : gate.mul(gate.getNDArrayInternal().sigmoid());
      inner = open.mul(up);
    } else {
      inner = gelu(up);
    }
    return linear(inner, weight(p + "mlp.down_proj.weight"), weight(p + "mlp.down_proj.bias"));
  }

  /** Hendrycks and Gimpel 2016: {@code x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))}. */
  private NDArray gelu(NDArray x) {
    NDArray bent = x.add(x.mul(x).mul(x).mul(geluCubic)).mul(geluScale).tanh();
    return x.mul(half).mul(bent.add(one));
  }

  private static NDArray held(NDArray x, NDArray cap, double value) {
    return value == 0 ? x : x.div(cap).tanh().mul(cap);
  }

  private NDArray project(NDArray x, String name, int heads, long batch, long length) {
    return linear(x, weight(name + ".weight"), weight(name + ".bias"))
        .reshape(batch, length, heads, config.headSize())
        .transpose(0, 2, 1, 3);
  }

  private NDArray repeat(NDArray k, long batch, long length) {
    int times = config.headsPerKv();
    if (times == 1) {
      return k;
    }
    return k.expandDims(2)
        .broadcast(batch, config.kvHeads(), times, length, config.headSize())
        .reshape(batch, config.heads(), length, config.headSize());
  }

  private NDArray norm(NDArray x, String name) {
    NDArray gain = weight(name + ".weight");
    if (config.traits().norm() == DecoderTraits.Norm.LAYER) {
      NDArray centred = x.sub(x.mean(new int[] {-1}, true));
      return scaledToUnit(centred).mul(gain).add(weight(name + ".bias"));
    }
    boolean plusOne = config.traits().norm() == DecoderTraits.Norm.RMS_PLUS_ONE;
    return scaledToUnit(x).mul(plusOne ? gain.add(one) : gain);
  }

  private NDArray scaledToUnit(NDArray x) {
    NDArray meanSquare = x.square().mean(new int[] {-1}, true);
    return x.div(meanSquare.add(config.normEpsilon()).sqrt());
  }

  private NDArray rotate(NDArray x, NDArray cos, NDArray sin) {
    int rotated = config.rotated();
    if (rotated < config.headSize()) {
      NDList halves = x.get(":,:,:,0:" + rotated).split(2, 3);
      return turned(halves.get(0), halves.get(1), cos, sin)
          .concat(x.get(":,:,:," + rotated + ":"), -1);
    }
    NDList halves = x.split(2, x.getShape().dimension() - 1);
    return turned(halves.get(0), halves.get(1), cos, sin);
  }

  private static NDArray turned(NDArray a, NDArray b, NDArray cos, NDArray sin) {
    return NDArrays.concat(new NDList(a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))), -1);
  }

  private NDArray causalMask(int length, int window) {
    float[] mask = new float[length * length];
    for (int i = 0; i < length; i++) {
      for (int j = 0; j < length; j++) {
        if (j > i || window > 0 && j <= i - window) {
          mask[i * length + j] = Float.NEGATIVE_INFINITY;
        }
      }
    }
    return manager.create(mask, new Shape(length, length));
  }

  private static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return x.getNDArrayInternal().linear(x, weight, bias).singletonOrThrow();
  }

  @Override
  public void close() {
    manager.close();
  }
}
