package dev.troupe.runtime.checkpoint;

import dev.troupe.runtime.model.DecoderConfig;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A decoder as read from a directory: its shape and exactly the tensors that {@link
 * DecoderConfig#tensorShapes()} names, each F32, F16 or BF16.
 *
 * @param config the shape
 * @param tensors the weights by name, in name order
 */
public record LoadedModel(DecoderConfig config, Map<String, HostTensor> tensors) {
  /** Takes a copy of the map, not of the weights. */
  public LoadedModel {
    tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
  }
}
