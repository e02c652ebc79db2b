package dev.troupe.runtime.transport;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.TensorType;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.RopeScaling;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights as the bytes of a parcel: the length of a manifest as a 32-bit little-endian integer, the
 * manifest as JSON padded with blanks to a multiple of 64 less 4, and the tensors' bytes one behind
 * the other in the order of the manifest. Weights with adapters are two bundles: the base, which
 * stays, and the adapters, which name it by its digest.
 *
 * @param manifest what the tensors are
 * @param tensors views of the bytes
 */
public record WeightsBundle(Manifest manifest, List<HostTensor> tensors) {
  private static final JsonMapper JSON =
      JsonMapper.builder().addMixIn(RopeScaling.class, Named.class).build();
  private static final int LONGEST_MANIFEST = 64 << 20;
  private static final int ALIGNMENT = 64;

  /** A scaling of positions says which one it is. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.MINIMAL_CLASS)
  private interface Named {}

  /**
   * What a bundle holds.
   *
   * @param config the decoder
   * @param lora the adapters of the weights, or null
   * @param precision in which the weights are to be generated with
   * @param base digest of what belongs to the tensors and is not among them: the base of adapters,
   *     or the weights that a delta starts from; null if they are whole
   * @param parts the tensors; in a delta, with the bytes of what changed
   */
  public record Manifest(
      DecoderConfig config,
      LoraSettings lora,
      WeightPrecision precision,
      String base,
      List<Part> parts) {
    /** Copies the list. */
    public Manifest {
      parts = List.copyOf(parts);
    }
  }

  /**
   * A float32 tensor.
   *
   * @param name its Hugging Face name
   * @param shape sizes of its axes
   * @param bytes of it in the bundle
   */
  public record Part(String name, long[] shape, int bytes) {}

  /** Copies the list. */
  public WeightsBundle {
    tensors = List.copyOf(tensors);
  }

  /** What a version changes from step to step: the adapters if there are any, else all. */
  public static Segments moving(DecoderWeights weights, WeightPrecision precision) {
    return weights.lora() == null
        ? bytes(weights, precision, null, weights.baseViews())
        : bytes(weights, precision, weights.baseDigest(), weights.adapterViews());
  }

  /** What adapters lie over. */
  public static Segments base(DecoderWeights weights) {
    return bytes(weights, WeightPrecision.FULL, null, weights.baseViews());
  }

  private static Segments bytes(
      DecoderWeights weights, WeightPrecision precision, String base, List<HostTensor> tensors) {
    var parts = new ArrayList<Part>();
    var pieces = new ArrayList<ByteBuffer>();
    for (HostTensor tensor : tensors) {
      parts.add(new Part(tensor.name(), tensor.shape(), tensor.bytes()));
      pieces.add(tensor.data());
    }
    return join(new Manifest(weights.config(), weights.lora(), precision, base, parts), pieces);
  }

  static Segments join(Manifest manifest, List<ByteBuffer> pieces) {
    try {
      byte[] json = JSON.writeValueAsBytes(manifest);
      int end = (Integer.BYTES + json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      byte[] padded = Arrays.copyOf(json, end - Integer.BYTES);
      Arrays.fill(padded, json.length, padded.length, (byte) ' ');
      ByteBuffer head = ByteBuffer.allocateDirect(end).order(ByteOrder.LITTLE_ENDIAN);
      head.putInt(padded.length).put(padded).flip();
      var all = new ArrayList<ByteBuffer>();
      all.add(head);
      all.addAll(pieces);
      return Segments.of(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest does not become JSON", e);
    }
  }

  /**
   * Reads a bundle whose bytes came from elsewhere.
   *
   * @return views of the bytes, valid as long as they are
   * @throws CheckpointException if they make no sense
   */
  public static WeightsBundle read(Segments bytes) {
    Manifest manifest = manifest(bytes);
    long at = dataStart(bytes);
    var tensors = new ArrayList<HostTensor>();
    try {
      for (Part part : manifest.parts()) {
        tensors.add(
            new HostTensor(
                part.name(), TensorType.F32, part.shape(), bytes.slice(at, part.bytes())));
        at += part.bytes();
      }
    } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
      throw new CheckpointException("a bundle of weights does not fit its manifest: " + e, e);
    }
    requireEnd(bytes, at);
    return new WeightsBundle(manifest, tensors);
  }

  static Manifest manifest(Segments bytes) {
    try {
      int length = bytes.slice(0, Integer.BYTES).getInt();
      if (length < 0 || length > LONGEST_MANIFEST) {
        throw new CheckpointException("a bundle of weights has a manifest of " + length + " bytes");
      }
      byte[] json = new byte[length];
      bytes.slice(Integer.BYTES, length).get(json);
      return JSON.readValue(json, Manifest.class);
    } catch (IOException | RuntimeException e) {
      throw new CheckpointException("a bundle of weights has no readable manifest: " + e, e);
    }
  }

  static long dataStart(Segments bytes) {
    return Integer.BYTES + (long) bytes.slice(0, Integer.BYTES).getInt();
  }

  static void requireEnd(Segments bytes, long at) {
    if (at != bytes.length()) {
      throw new CheckpointException(
          "a bundle of weights has %d bytes, its manifest says %d".formatted(bytes.length(), at));
    }
  }

  /**
   * The digest by which a policy version, or a base, is known: of the tensors and of what they lie
   * over.
   */
  public String digest() {
    return manifest.base() == null
        ? WeightsDigest.of(tensors)
        : WeightsDigest.of(manifest.base(), tensors);
  }

  /** How bundles prove themselves: by the digest of the tensors, as in a policy version. */
  public static Proof proof() {
    return bytes -> {
      try {
        return read(bytes).digest();
      } catch (CheckpointException e) {
        return "none (" + e.getMessage() + ")";
      }
    };
  }

  /**
   * The weights on a device.
   *
   * @param base the bundle that adapters lie over, or null for whole weights
   * @return belongs to the caller
   */
  public DecoderWeights onto(Accelerator accelerator, WeightsBundle base) {
    Map<String, HostTensor> byName = new HashMap<>();
    if (base != null) {
      base.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
    }
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    return DecoderWeights.of(accelerator, manifest.config(), manifest.lora(), byName);
  }
}
