package dev.troupe.runtime.model;

import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.TensorType;
import dev.troupe.runtime.model.WeightLayout.Slot;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Random;

/** The values with which tensors of a decoder begin: drawn, given, or nought. */
@FunctionalInterface
interface InitialValues {
  double EMBEDDING_STD = 0.02;
  double SCORE_SPREAD = 0.1;

  /**
   * Puts the values of one tensor.
   *
   * @param slot where it lies
   * @param name its Hugging Face name
   * @param target has room for exactly its values
   */
  void put(Slot slot, String name, FloatBuffer target);

  /** Those of new weights, see {@link DecoderWeights#random}. */
  static InitialValues random(DecoderConfig config, long seed) {
    // Such a gain is what is added to 1.
    boolean fromZero = config.traits().norm() == DecoderTraits.Norm.RMS_PLUS_ONE;
    return (slot, name, target) -> {
      if (name.endsWith("norm.weight")) {
        constant(target, fromZero ? 0f : 1f);
      } else if (!slot.isMatrix() || name.startsWith("score.")) {
        constant(target, 0f);
      } else {
        double std = name.contains(".embed_") ? EMBEDDING_STD : 1 / Math.sqrt(slot.columns());
        if (name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight")) {
          std /= Math.sqrt(2.0 * config.layers());
        }
        normal(target, new Random(seed * 31 + name.hashCode()), std);
      }
    };
  }

  /**
   * The given tensors, converted to float32.
   *
   * @throws IllegalArgumentException from {@link #put} if one is missing
   */
  static InitialValues of(Map<String, HostTensor> tensors) {
    return (slot, name, target) -> {
      HostTensor tensor = tensors.get(name);
      if (tensor == null) {
        throw new IllegalArgumentException("tensor " + name + " is missing");
      }
      if (tensor.dtype() == TensorType.F32) {
        target.put(tensor.data().asFloatBuffer());
      } else {
        target.put(tensor.toFloats());
      }
    };
  }

  /** Those of new low-rank pairs, A drawn and B nought, and nought for everything else. */
  static InitialValues adapters(long seed) {
    return (slot, name, target) -> {
      if (name.endsWith(".lora_A.weight")) {
        normal(target, new Random(seed * 31 + name.hashCode()), 1 / Math.sqrt(slot.columns()));
      } else {
        constant(target, 0f);
      }
    };
  }

  /** Values of a new score head, row by row. */
  static FloatBuffer scoreHead(int scores, int width, long seed) {
    FloatBuffer values = FloatBuffer.allocate(scores * width);
    normal(values, new Random(seed), SCORE_SPREAD / Math.sqrt(width));
    return values.flip();
  }

  /** Nought everywhere. */
  static InitialValues zeros() {
    return (slot, name, target) -> constant(target, 0f);
  }

  private static void constant(FloatBuffer target, float value) {
    while (target.hasRemaining()) {
      target.put(value);
    }
  }

  private static void normal(FloatBuffer target, Random random, double std) {
    while (target.hasRemaining()) {
      target.put((float) (random.nextGaussian() * std));
    }
  }
}
