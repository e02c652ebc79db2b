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
  private final NDArray cosTH;
  private final NDArray sinTH;
  private final NDArray attentionScale;

  public EagerDecoder(DecoderWeights source) {
    this.config = source.config();
    this.manager = source.accelerator().manager().newSubManager();
    for (HostTensor tensor : source.toHost()) {
      weights.put(tensor.name(), manager.create(tensor.toFloats(), new Shape(tensor.shape())));
    }
    // Never x.mul(number) under autograd: DJL frees the number's memory while the graph still
    // points there.
    attentionScale = manager.create((float) (1 / Math.sqrt(config.headSize())));
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
    NDArray cos = cosTH.get("0:" + length);
    NDArray sin = sinTH.get("0:" + length);
    NDArray mask = causalMask(length);
    for (int layer = 0; layer < config.layers(); layer++) {
      String p = "model.layers." + layer + ".";
      x = x.add(attention(norm(x, p + "input_layernorm.weight"), p, cos, sin, mask));
      x = x.add(feedForward(norm(x, p + "post_attention_layernorm.weight"), p));
    }
    return norm(x, "model.norm.weight");
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
    return linear(hidden, weight(name), null);
  }

  private NDArray embed(NDArray tokens) {
    return tokens
        .getNDArrayInternal()
        .embedding(tokens, weight("model.embed_tokens.weight"), SparseFormat.DENSE)
        .singletonOrThrow();
  }

  private NDArray attention(NDArray x, String p, NDArray cos, NDArray sin, NDArray mask) {
    long batch = x.getShape().get(0);
    long length = x.getShape().get(1);
    NDArray q = project(x, p + "self_attn.q_proj", config.heads(), batch, length);
    NDArray k = project(x, p + "self_attn.k_proj", config.kvHeads(), batch, length);
    NDArray v = project(x, p + "self_attn.v_proj", config.kvHeads(), batch, length);
    if (config.qkNorm()) {
      q = norm(q, p + "self_attn.q_norm.weight");
      k = norm(k, p + "self_attn.k_norm.weight");
    }
    q = rotate(q, cos, sin);
    k = repeat(rotate(k, cos, sin), batch, length);
    v = repeat(v, batch, length);
    NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)).mul(attentionScale).add(mask);
    NDArray mixed = scores.softmax(-1).matMul(v).transpose(0, 2, 1, 3);
    long inner = (long) config.heads() * config.headSize();
    return linear(
        mixed.reshape(batch, length, inner),
        weight(p + "self_attn.o_proj.weight"),
        weight(p + "self_attn.o_proj.bias"));
  }

  private NDArray feedForward(NDArray x, String p) {
    NDArray gate = linear(x, weight(p + "mlp.gate_proj.weight"), weight(p + "mlp.gate_proj.bias"));
    NDArray up = linear(x, weight(p + "mlp.up_proj.weight"), weight(p + "mlp.up_proj.bias"));
    NDArray inner = gate.mul(gate.getNDArrayInternal().sigmoid()).mul(up);
    return linear(inner, weight(p + "mlp.down_proj.weight"), weight(p + "mlp.down_proj.bias"));
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

  private NDArray norm(NDArray x, String gain) {
    NDArray meanSquare = x.square().mean(new int[] {-1}, true);
    return x.div(meanSquare.add(config.normEpsilon()).sqrt()).mul(weight(gain));
  }

  private static NDArray rotate(NDArray x, NDArray cos, NDArray sin) {
    NDList halves = x.split(2, x.getShape().dimension() - 1);
    NDArray a = halves.get(0);
    NDArray b = halves.get(1);
    return NDArrays.concat(new NDList(a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))), -1);
  }

  private NDArray causalMask(int length) {
    float[] mask = new float[length * length];
    for (int i = 0; i < length; i++) {
      for (int j = i + 1; j < length; j++) {
        mask[i * length + j] = Float.NEGATIVE_INFINITY;
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
