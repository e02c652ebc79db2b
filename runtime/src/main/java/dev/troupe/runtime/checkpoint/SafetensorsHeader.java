package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The JSON header of a safetensors file: where in the data each tensor lies, and free metadata. The
 * format is described at https://github.com/huggingface/safetensors#format.
 *
 * @param entries in the order of their place in the data, without gaps or overlaps
 * @param metadata what the writer had to say, by key
 */
record SafetensorsHeader(List<Entry> entries, SortedMap<String, String> metadata) {
  static final String METADATA = "__metadata__";

  /** The place is counted from the end of the header. */
  record Entry(String name, TensorType dtype, long[] shape, long begin, long end) {}

  /**
   * Lays tensors out one behind the other, larger elements first and then by name: with a header of
   * a multiple of eight bytes every element lies at a multiple of its size.
   */
  static SafetensorsHeader layOut(Collection<HostTensor> tensors, Map<String, String> metadata) {
    var ordered = new ArrayList<>(HostTensor.byName(tensors).values());
    ordered.sort(Comparator.comparing(tensor -> -tensor.dtype().bytes()));
    var entries = new ArrayList<Entry>();
    long begin = 0;
    for (HostTensor tensor : ordered) {
      if (tensor.name().equals(METADATA)) {
        throw new CheckpointException(
            "a tensor cannot be named " + METADATA + ", which the safetensors format reserves");
      }
      long end = begin + tensor.bytes();
      entries.add(new Entry(tensor.name(), tensor.dtype(), tensor.shape(), begin, end));
      begin = end;
    }
    return new SafetensorsHeader(entries, new TreeMap<>(metadata));
  }

  /** The JSON, padded with blanks to a multiple of eight bytes; the same for the same content. */
  byte[] toJson() {
    ObjectNode root = StrictJson.object();
    if (!metadata.isEmpty()) {
      ObjectNode node = root.putObject(METADATA);
      metadata.forEach(node::put);
    }
    for (Entry entry : entries) {
      ObjectNode node = root.putObject(entry.name());
      node.put("dtype", entry.dtype().name());
      ArrayNode shape = node.putArray("shape");
      Arrays.stream(entry.shape()).forEach(shape::add);
      node.putArray("data_offsets").add(entry.begin()).add(entry.end());
    }
    byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, Math.addExact(json.length, 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  /**
   * Reads a header and checks it against the data.
   *
   * @param file named in messages
   * @param dataBytes number of bytes behind the header
   */
  static SafetensorsHeader parse(Object file, byte[] json, long dataBytes) throws IOException {
    var metadata = new TreeMap<String, String>();
    var entries = new ArrayList<Entry>();
    for (Map.Entry<String, JsonNode> field :
        StrictJson.parse(file + ": header", json).properties()) {
      if (field.getKey().equals(METADATA)) {
        field.getValue().properties().forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
      } else {
        entries.add(entry(file + ": tensor " + field.getKey(), field.getKey(), field.getValue()));
      }
    }
    // An empty tensor begins where its neighbour does, so the end decides between the two.
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    requireNoGaps(file, entries, dataBytes);
    return new SafetensorsHeader(entries, metadata);
  }

  private static Entry entry(String place, String name, JsonNode node) {
    TensorType dtype =
        TensorType.named(node.path("dtype").asText())
            .orElseThrow(
                () ->
                    new CheckpointException(
                        "%s has dtype %s, supported are %s"
                            .formatted(
                                place, node.path("dtype"), Arrays.toString(TensorType.values()))));
    long[] shape = naturals(place + ": shape", node.path("shape"));
    long[] offsets = naturals(place + ": data_offsets", node.path("data_offsets"));
    if (offsets.length != 2) {
      throw new CheckpointException(
          place + ": data_offsets must be [begin, end], found " + node.path("data_offsets"));
    }
    requireBytes(place, dtype, shape, offsets[1] - offsets[0]);
    return new Entry(name, dtype, shape, offsets[0], offsets[1]);
  }

  private static long[] naturals(String place, JsonNode node) {
    boolean valid = node.isArray();
    for (JsonNode element : node) {
      valid &= element.isIntegralNumber() && element.canConvertToLong() && element.asLong() >= 0;
    }
    if (!valid) {
      throw new CheckpointException(
          place
              + " must be an array of integers of 0 or more, found "
              + (node.isMissingNode() ? "nothing" : node));
    }
    long[] values = new long[node.size()];
    Arrays.setAll(values, i -> node.get(i).asLong());
    return values;
  }

  private static void requireBytes(String place, TensorType dtype, long[] shape, long found) {
    long expected = dtype.bytes();
    try {
      for (long size : shape) {
        expected = Math.multiplyExact(expected, size);
      }
    } catch (ArithmeticException e) {
      throw new CheckpointException(
          place + ": shape " + Arrays.toString(shape) + " is too large to count", e);
    }
    if (found != expected) {
      throw new CheckpointException(
          "%s of type %s and shape %s needs %d bytes, but data_offsets span %d"
              .formatted(place, dtype, Arrays.toString(shape), expected, found));
    }
    if (expected > Integer.MAX_VALUE) {
      throw new CheckpointException(
          "%s has %d bytes, more than the supported %d; store it in a 16-bit type"
              .formatted(place, expected, Integer.MAX_VALUE));
    }
  }

  private static void requireNoGaps(Object file, List<Entry> entries, long dataBytes) {
    long expected = 0;
    for (Entry entry : entries) {
      if (entry.end() > dataBytes) {
        throw new CheckpointException(
            "%s: tensor %s ends at byte %d of the data, but the file holds only %d; it is truncated, so copy it again"
                .formatted(file, entry.name(), entry.end(), dataBytes));
      }
      if (entry.begin() != expected) {
        throw new CheckpointException(
            "%s: tensor %s begins at byte %d of the data, expected %d: tensors must neither overlap"
                    .formatted(file, entry.name(), entry.begin(), expected)
                + " nor leave gaps");
      }
      expected = entry.end();
    }
    if (expected != dataBytes) {
      throw new CheckpointException(
          "%s: the tensors end at byte %d of the data, but the file holds %d"
              .formatted(file, expected, dataBytes));
    }
  }
}
