package dev.troupe.runtime.transport;

import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.TensorType;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.transport.WeightsBundle.Manifest;
import dev.troupe.runtime.transport.WeightsBundle.Part;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.CloseHelper;

/**
 * What a version changes of an earlier one, in the layout of a {@link WeightsBundle} whose parts
 * are {@link FloatDelta}s. The manifest names the digest of the version that it starts from.
 */
public final class WeightsDelta implements AutoCloseable {
  private final List<OffHeap> memory = new ArrayList<>();
  private final Segments bytes;

  /**
   * Compares two versions of the same decoder, both without adapters.
   *
   * @param beforeDigest of {@code before}
   * @param precision in which the later one is to be generated with
   */
  public WeightsDelta(
      DecoderWeights before, String beforeDigest, DecoderWeights after, WeightPrecision precision) {
    Map<String, HostTensor> old = byName(before.baseViews());
    var parts = new ArrayList<Part>();
    var pieces = new ArrayList<ByteBuffer>();
    for (HostTensor tensor : after.baseViews()) {
      OffHeap room = OffHeap.allocate(FloatDelta.mostBytes(tensor.elements()));
      memory.add(room);
      ByteBuffer target = room.segments().slice(0, Math.toIntExact(room.segments().length()));
      FloatDelta.write(bits(old.get(tensor.name())), bits(tensor), target);
      pieces.add(target.flip());
      parts.add(new Part(tensor.name(), tensor.shape(), target.limit()));
    }
    bytes =
        WeightsBundle.join(
            new Manifest(after.config(), null, precision, beforeDigest, parts), pieces);
  }

  private static IntBuffer bits(HostTensor tensor) {
    return tensor.data().asIntBuffer();
  }

  private static Map<String, HostTensor> byName(List<HostTensor> tensors) {
    var byName = new HashMap<String, HostTensor>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    return byName;
  }

  /** What is to be sent; valid until this is closed. */
  public Segments bytes() {
    return bytes;
  }

  /** The digest of the version that a delta starts from. */
  public static String start(Segments delta) {
    return WeightsBundle.manifest(delta).base();
  }

  /**
   * A later version, made from an earlier one.
   *
   * @param bundle valid until this is closed
   */
  public record Applied(WeightsBundle bundle, List<AutoCloseable> memory) implements AutoCloseable {
    @Override
    public void close() {
      CloseHelper.closeAll(memory);
    }
  }

  /**
   * Makes the later version from the earlier one; its digest tells whether that went well.
   *
   * @param before tensors of the earlier version
   * @param delta that starts from it
   * @return belongs to the caller
   * @throws CheckpointException if the delta makes no sense
   */
  public static Applied apply(List<HostTensor> before, Segments delta) {
    Manifest manifest = WeightsBundle.manifest(delta);
    Map<String, HostTensor> old = byName(before);
    long at = WeightsBundle.dataStart(delta);
    var tensors = new ArrayList<HostTensor>();
    var parts = new ArrayList<Part>();
    var memory = new ArrayList<AutoCloseable>();
    try {
      for (Part part : manifest.parts()) {
        HostTensor tensor = old.get(part.name());
        if (tensor == null) {
          throw new CheckpointException(
              "a delta changes tensor %s, which is not there".formatted(part.name()));
        }
        OffHeap room = OffHeap.allocate(tensor.bytes());
        memory.add(room);
        ByteBuffer result = room.segments().slice(0, tensor.bytes());
        FloatDelta.apply(bits(tensor), delta.slice(at, part.bytes()), result.asIntBuffer());
        at += part.bytes();
        tensors.add(new HostTensor(part.name(), TensorType.F32, part.shape(), result));
        parts.add(new Part(part.name(), part.shape(), tensor.bytes()));
      }
      WeightsBundle.requireEnd(delta, at);
    } catch (RuntimeException e) {
      CloseHelper.closeAll(memory);
      throw new CheckpointException("a delta of weights does not fit: " + e.getMessage(), e);
    }
    return new Applied(
        new WeightsBundle(
            new Manifest(manifest.config(), null, manifest.precision(), null, parts), tensors),
        memory);
  }

  /** Frees the bytes. */
  @Override
  public void close() {
    memory.forEach(OffHeap::close);
    memory.clear();
  }
}
