package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.RopeScaling;

/**
 * Rotary positions in a {@code config.json}: {@code rope_theta} beside {@code rope_scaling}, or
 * both in {@code rope_parameters}, where newer transformers put them, there possibly by kind of
 * layer.
 */
final class RopeKeys {
  private static final double DEFAULT_THETA = 10_000;
  private static final double DEFAULT_FAST = 32;
  private static final double DEFAULT_SLOW = 1;
  private static final String TYPES = "\"default\", \"linear\", \"dynamic\", \"llama3\", \"yarn\"";

  private final ConfigKeys keys;
  private final ConfigKeys parameters;

  /**
   * @param keys of the file
   */
  RopeKeys(ConfigKeys keys) {
    this.keys = keys;
    ConfigKeys all = keys.within("rope_parameters");
    this.parameters = all.has("full_attention") ? all.within("full_attention") : all;
  }

  /** The base of layers without a window. */
  double theta() {
    return parameters.number("rope_theta", keys.number("rope_theta", DEFAULT_THETA));
  }

  /** The base of layers with a window, as Gemma 3 has it. */
  double localTheta() {
    ConfigKeys local = keys.within("rope_parameters").within("sliding_attention");
    return local.number("rope_theta", keys.number("rope_local_base_freq", DEFAULT_THETA));
  }

  /** The share of a head that rotates. */
  double share() {
    return parameters.number("partial_rotary_factor", keys.number("partial_rotary_factor", 1));
  }

  /** The scaling; anything when it is not supported. */
  RopeScaling scaling(int context) {
    keys.supportOnly("rope_scaling", JsonNode::isObject, "an object or null");
    ConfigKeys given = keys.has("rope_scaling") ? keys.within("rope_scaling") : parameters;
    JsonNode type = given.get("rope_type");
    if (type.isMissingNode()) {
      type = given.get("type");
    }
    try {
      switch (type.asText("default")) {
        case "default" -> {
          return RopeScaling.NONE;
        }
        case "linear" -> {
          double factor = given.number("factor");
          return keys.areSound() ? new RopeScaling.Linear(factor) : RopeScaling.NONE;
        }
        case "dynamic" -> {
          double factor = given.number("factor");
          return keys.areSound() ? new RopeScaling.Dynamic(factor) : RopeScaling.NONE;
        }
        case "llama3" -> {
          return llama3(given);
        }
        case "yarn" -> {
          return yarn(given, context);
        }
        default -> given.unsupported("rope_type", type, TYPES);
      }
    } catch (IllegalArgumentException e) {
      keys.mistake(e.getMessage());
    }
    return RopeScaling.NONE;
  }

  private RopeScaling llama3(ConfigKeys given) {
    double factor = given.number("factor");
    double low = given.number("low_freq_factor");
    double high = given.number("high_freq_factor");
    int original = given.integer("original_max_position_embeddings");
    return keys.areSound() ? new RopeScaling.Llama3(factor, low, high, original) : RopeScaling.NONE;
  }

  private RopeScaling yarn(ConfigKeys given, int context) {
    double factor = given.number("factor");
    int original = given.integer("original_max_position_embeddings", context);
    double fast = given.number("beta_fast", DEFAULT_FAST);
    double slow = given.number("beta_slow", DEFAULT_SLOW);
    double magnitude = given.number("attention_factor", RopeScaling.Yarn.usualMagnitude(factor));
    given.supportOnly("mscale", value -> false, "attention_factor in its place");
    given.supportOnly("mscale_all_dim", value -> false, "attention_factor in its place");
    given.supportOnly("truncate", value -> value.asBoolean(false), "true");
    return keys.areSound()
        ? new RopeScaling.Yarn(factor, original, fast, slow, magnitude)
        : RopeScaling.NONE;
  }

  /** Puts base and scaling where all versions of transformers look for them. */
  static void write(ObjectNode json, double theta, RopeScaling scaling) {
    json.put("rope_theta", theta);
    if (scaling instanceof RopeScaling.Linear linear) {
      json.putObject("rope_scaling").put("rope_type", "linear").put("factor", linear.factor());
    } else if (scaling instanceof RopeScaling.Dynamic dynamic) {
      json.putObject("rope_scaling").put("rope_type", "dynamic").put("factor", dynamic.factor());
    } else if (scaling instanceof RopeScaling.Llama3 llama3) {
      json.putObject("rope_scaling")
          .put("rope_type", "llama3")
          .put("factor", llama3.factor())
          .put("low_freq_factor", llama3.low())
          .put("high_freq_factor", llama3.high())
          .put("original_max_position_embeddings", llama3.original());
    } else if (scaling instanceof RopeScaling.Yarn yarn) {
      json.putObject("rope_scaling")
          .put("rope_type", "yarn")
          .put("factor", yarn.factor())
          .put("original_max_position_embeddings", yarn.original())
          .put("beta_fast", yarn.fast())
          .put("beta_slow", yarn.slow())
          .put("attention_factor", yarn.magnitude());
    } else {
      json.putNull("rope_scaling");
    }
  }
}
