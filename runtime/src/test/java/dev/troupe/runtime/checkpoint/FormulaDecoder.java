package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * Every family once more, in double precision and one token after the other, straight from the
 * files: the keys of {@code config.json}, the names in {@code model.safetensors} and the formulas
 * of the papers. It shares nothing with the product but the reading of safetensors.
 */
final class FormulaDecoder {
  private final JsonNode config;
  private final Map<String, HostTensor> tensors;
  private final String family;
  private final int heads;
  private final int kvHeads;
  private final int headSize;
  private final double epsilon;

  FormulaDecoder(Path directory) throws IOException {
    config = new ObjectMapper().readTree(directory.resolve("config.json").toFile());
    tensors = Safetensors.read(directory.resolve("model.safetensors"));
    family = config.get("model_type").asText();
    boolean isGpt2 = family.equals("gpt2");
    heads = config.get(isGpt2 ? "n_head" : "num_attention_heads").asInt();
    kvHeads = isGpt2 ? heads : config.get("num_key_value_heads").asInt();
    headSize = isGpt2 ? config.get("n_embd").asInt() / heads : config.get("head_dim").asInt();
    epsilon = config.get(isGpt2 ? "layer_norm_epsilon" : "rms_norm_eps").asDouble();
  }

  /** Log-probabilities over the vocabulary after each token. */
  double[][] logProbabilities(int[] tokens) {
    double[][] x = family.equals("gpt2") ? gpt2(tokens) : llamaOrGemma(tokens);
    String embedding = family.equals("gpt2") ? "transformer.wte" : "model.embed_tokens";
    double[][] head = matrix(config.get("tie_word_embeddings").asBoolean() ? embedding : "lm_head");
    double[][] out = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      double[] logits = times(head, x[t]);
      double cap = number("final_logit_softcapping", 0);
      if (cap > 0) {
        logits = map(logits, z -> cap * Math.tanh(z / cap));
      }
      double max = Double.NEGATIVE_INFINITY;
      for (double z : logits) {
        max = Math.max(max, z);
      }
      double sum = 0;
      for (double z : logits) {
        sum += Math.exp(z - max);
      }
      double normaliser = max + Math.log(sum);
      out[t] = map(logits, z -> z - normaliser);
    }
    return out;
  }

  /** Radford et al. 2019; Conv1D multiplies from the right by (inputs, outputs). */
  private double[][] gpt2(int[] tokens) {
    double[][] wte = matrix("transformer.wte");
    double[][] wpe = matrix("transformer.wpe");
    double[][] x = new double[tokens.length][];
    for (int t = 0; t < x.length; t++) {
      x[t] = plus(wte[tokens[t]], wpe[t]);
    }
    for (int layer = 0; layer < config.get("n_layer").asInt(); layer++) {
      String p = "transformer.h." + layer + ".";
      double[][][] q = new double[x.length][][];
      double[][][] k = new double[x.length][][];
      double[][][] v = new double[x.length][][];
      int width = heads * headSize;
      for (int t = 0; t < x.length; t++) {
        double[] qkv = conv(p + "attn.c_attn", layerNorm(x[t], p + "ln_1"));
        q[t] = split(slice(qkv, 0, width));
        k[t] = split(slice(qkv, width, width));
        v[t] = split(slice(qkv, 2 * width, width));
      }
      double[][] mixed = attend(q, k, v, 1 / Math.sqrt(headSize), 0, 0);
      for (int t = 0; t < x.length; t++) {
        x[t] = plus(x[t], conv(p + "attn.c_proj", mixed[t]));
        double[] inner = conv(p + "mlp.c_fc", layerNorm(x[t], p + "ln_2"));
        x[t] = plus(x[t], conv(p + "mlp.c_proj", map(inner, FormulaDecoder::gelu)));
      }
    }
    for (int t = 0; t < x.length; t++) {
      x[t] = layerNorm(x[t], "transformer.ln_f");
    }
    return x;
  }

  /** Touvron et al. 2023, Gemma Team 2024 and 2025, Abdin et al. 2024. */
  private double[][] llamaOrGemma(int[] tokens) {
    boolean isGemma = family.startsWith("gemma");
    double[][] embedding = matrix("model.embed_tokens");
    double[][] x = new double[tokens.length][];
    double factor = isGemma ? Math.sqrt(config.get("hidden_size").asInt()) : 1;
    for (int t = 0; t < x.length; t++) {
      x[t] = map(embedding[tokens[t]], value -> factor * value);
    }
    double scale = 1 / Math.sqrt(number("query_pre_attn_scalar", headSize));
    for (int layer = 0; layer < config.get("num_hidden_layers").asInt(); layer++) {
      String p = "model.layers." + layer + ".";
      boolean slides = slides(layer);
      double[][][] q = new double[x.length][][];
      double[][][] k = new double[x.length][][];
      double[][][] v = new double[x.length][][];
      for (int t = 0; t < x.length; t++) {
        double[] h = rms(x[t], p + "input_layernorm");
        double[] qkv = projections(p, h);
        int width = heads * headSize;
        q[t] = split(slice(qkv, 0, width));
        k[t] = split(slice(qkv, width, kvHeads * headSize));
        v[t] = split(slice(qkv, width + kvHeads * headSize, kvHeads * headSize));
        if (tensors.containsKey(p + "self_attn.q_norm.weight")) {
          for (int head = 0; head < heads; head++) {
            q[t][head] = rms(q[t][head], p + "self_attn.q_norm");
          }
          for (int head = 0; head < kvHeads; head++) {
            k[t][head] = rms(k[t][head], p + "self_attn.k_norm");
          }
        }
        for (double[] head : q[t]) {
          rotate(head, t, slides);
        }
        for (double[] head : k[t]) {
          rotate(head, t, slides);
        }
      }
      int window = slides ? config.get("sliding_window").asInt() : 0;
      double[][] mixed = attend(q, k, v, scale, number("attn_logit_softcapping", 0), window);
      for (int t = 0; t < x.length; t++) {
        double[] attended = linear(p + "self_attn.o_proj", mixed[t]);
        if (isGemma) {
          x[t] = plus(x[t], rms(attended, p + "post_attention_layernorm"));
          double[] fed = feedForward(p, rms(x[t], p + "pre_feedforward_layernorm"));
          x[t] = plus(x[t], rms(fed, p + "post_feedforward_layernorm"));
        } else {
          x[t] = plus(x[t], attended);
          x[t] = plus(x[t], feedForward(p, rms(x[t], p + "post_attention_layernorm")));
        }
      }
    }
    for (int t = 0; t < x.length; t++) {
      x[t] = rms(x[t], "model.norm");
    }
    return x;
  }

  private boolean slides(int layer) {
    if (config.has("layer_types")) {
      return config.get("layer_types").get(layer).asText().equals("sliding_attention");
    }
    return !config.path("sliding_window").isMissingNode()
        && !config.path("sliding_window").isNull();
  }

  private double[] projections(String p, double[] h) {
    if (family.equals("phi3")) {
      return linear(p + "self_attn.qkv_proj", h);
    }
    double[] qk =
        concatenated(linear(p + "self_attn.q_proj", h), linear(p + "self_attn.k_proj", h));
    return concatenated(qk, linear(p + "self_attn.v_proj", h));
  }

  private double[] feedForward(String p, double[] h) {
    double[] both =
        family.equals("phi3")
            ? linear(p + "mlp.gate_up_proj", h)
            : concatenated(linear(p + "mlp.gate_proj", h), linear(p + "mlp.up_proj", h));
    double[] inner = new double[both.length / 2];
    for (int i = 0; i < inner.length; i++) {
      double gate = both[i];
      double open = family.startsWith("gemma") ? gelu(gate) : gate / (1 + Math.exp(-gate));
      inner[i] = open * both[inner.length + i];
    }
    return linear(p + "mlp.down_proj", inner);
  }

  /** Su et al. 2021 over the first part of a head, pairs half of that part apart. */
  private void rotate(double[] head, int position, boolean slides) {
    int rotated = (int) (head.length * number("partial_rotary_factor", 1));
    boolean isLocal = slides && config.has("rope_local_base_freq");
    double theta = number(isLocal ? "rope_local_base_freq" : "rope_theta", 10_000);
    JsonNode scaling = config.path("rope_scaling");
    String type = isLocal ? "" : scaling.path("rope_type").asText();
    double magnitude = type.equals("yarn") ? scaling.get("attention_factor").asDouble() : 1;
    for (int j = 0; j < rotated / 2; j++) {
      double frequency = Math.pow(theta, -2.0 * j / rotated);
      if (type.equals("linear")) {
        frequency /= scaling.get("factor").asDouble();
      } else if (type.equals("yarn")) {
        frequency = yarn(frequency, j, rotated, theta, scaling);
      }
      double cos = magnitude * Math.cos(position * frequency);
      double sin = magnitude * Math.sin(position * frequency);
      double a = head[j];
      double b = head[j + rotated / 2];
      head[j] = a * cos - b * sin;
      head[j + rotated / 2] = b * cos + a * sin;
    }
  }

  /** Peng et al. 2023, equations 17 to 21 with whole dimensions as the bounds of the ramp. */
  private static double yarn(double frequency, int j, int size, double theta, JsonNode scaling) {
    double context = scaling.get("original_max_position_embeddings").asDouble();
    double[] bound = new double[2];
    String[] turns = {"beta_fast", "beta_slow"};
    for (int i = 0; i < 2; i++) {
      double waves = context / (2 * Math.PI * scaling.get(turns[i]).asDouble());
      bound[i] = size * Math.log(waves) / (2 * Math.log(theta));
    }
    double low = Math.max(Math.floor(bound[0]), 0);
    double high = Math.min(Math.ceil(bound[1]), size - 1);
    double ramp = Math.min(1, Math.max(0, (j - low) / Math.max(high - low, 0.001)));
    return frequency * (1 - ramp) + frequency / scaling.get("factor").asDouble() * ramp;
  }

  /** Vaswani et al. 2017, causal; grouped heads, a cap (Bello et al. 2016) and a window. */
  private double[][] attend(
      double[][][] q, double[][][] k, double[][][] v, double scale, double cap, int window) {
    double[][] out = new double[q.length][heads * headSize];
    for (int t = 0; t < q.length; t++) {
      int first = window > 0 ? Math.max(0, t - window + 1) : 0;
      for (int head = 0; head < heads; head++) {
        int shared = head / (heads / kvHeads);
        double[] weight = new double[t + 1];
        double sum = 0;
        for (int s = first; s <= t; s++) {
          double score = scale * dot(q[t][head], k[s][shared]);
          weight[s] = Math.exp(cap > 0 ? cap * Math.tanh(score / cap) : score);
          sum += weight[s];
        }
        for (int s = first; s <= t; s++) {
          for (int i = 0; i < headSize; i++) {
            out[t][head * headSize + i] += weight[s] / sum * v[s][shared][i];
          }
        }
      }
    }
    return out;
  }

  /** Zhang and Sennrich 2019; Gemma stores what is added to 1. */
  private double[] rms(double[] x, String name) {
    double[] gain = vector(name + ".weight");
    double rms = Math.sqrt(dot(x, x) / x.length + epsilon);
    double[] out = new double[x.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = x[i] / rms * (family.startsWith("gemma") ? 1 + gain[i] : gain[i]);
    }
    return out;
  }

  /** Ba et al. 2016. */
  private double[] layerNorm(double[] x, String name) {
    double[] gain = vector(name + ".weight");
    double[] bias = vector(name + ".bias");
    double mean = 0;
    for (double value : x) {
      mean += value / x.length;
    }
    double centre = mean;
    double[] centred = map(x, value -> value - centre);
    double deviation = Math.sqrt(dot(centred, centred) / x.length + epsilon);
    double[] out = new double[x.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = centred[i] / deviation * gain[i] + bias[i];
    }
    return out;
  }

  private static double gelu(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private double[] linear(String name, double[] x) {
    double[] y = times(matrix(name), x);
    return tensors.containsKey(name + ".bias") ? plus(y, vector(name + ".bias")) : y;
  }

  private double[] conv(String name, double[] x) {
    double[][] weight = matrix(name);
    double[] y = vector(name + ".bias");
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < y.length; j++) {
        y[j] += x[i] * weight[i][j];
      }
    }
    return y;
  }

  private double number(String key, double absent) {
    return config.path(key).asDouble(absent);
  }

  private double[] vector(String name) {
    float[] values = tensors.get(name).toFloats();
    double[] vector = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      vector[i] = values[i];
    }
    return vector;
  }

  private double[][] matrix(String name) {
    double[] values = vector(name + ".weight");
    long[] shape = tensors.get(name + ".weight").shape();
    double[][] rows = new double[(int) shape[0]][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = slice(values, i * (int) shape[1], (int) shape[1]);
    }
    return rows;
  }

  private double[][] split(double[] row) {
    double[][] parts = new double[row.length / headSize][];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = slice(row, i * headSize, headSize);
    }
    return parts;
  }

  private static double[] slice(double[] row, int from, int length) {
    double[] out = new double[length];
    System.arraycopy(row, from, out, 0, length);
    return out;
  }

  private static double[] concatenated(double[] a, double[] b) {
    double[] out = new double[a.length + b.length];
    System.arraycopy(a, 0, out, 0, a.length);
    System.arraycopy(b, 0, out, a.length, b.length);
    return out;
  }

  private static double[] times(double[][] matrix, double[] x) {
    double[] y = new double[matrix.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = dot(matrix[i], x);
    }
    return y;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] plus(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }

  private static double[] map(double[] x, DoubleUnaryOperator function) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = function.applyAsDouble(x[i]);
    }
    return y;
  }
}
