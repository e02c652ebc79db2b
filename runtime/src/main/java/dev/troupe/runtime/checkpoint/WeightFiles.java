package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The weights of a Hugging Face directory: one safetensors file, or shards behind an index. */
final class WeightFiles {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /** transformers refuses a safetensors file without this entry. */
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private WeightFiles() {}

  /** All tensors by name; of a single file and an index the single file counts, as elsewhere. */
  static SortedMap<String, HostTensor> read(Path directory) {
    if (Files.exists(directory.resolve(SINGLE))) {
      return Safetensors.read(directory.resolve(SINGLE));
    }
    Path index = directory.resolve(INDEX);
    if (!Files.exists(index)) {
      throw new CheckpointException(
          "%s holds neither %s nor %s; convert other formats to safetensors first"
              .formatted(directory, SINGLE, INDEX));
    }
    return readShards(directory, index);
  }

  /** Writes one file, or shards and an index if the weights exceed the limit. */
  static void write(Path directory, Collection<HostTensor> tensors, long maxShardBytes) {
    List<List<HostTensor>> shards = shards(HostTensor.byName(tensors).values(), maxShardBytes);
    if (shards.size() <= 1) {
      Safetensors.write(directory.resolve(SINGLE), tensors, METADATA);
      return;
    }
    ObjectNode index = StrictJson.object();
    index
        .putObject("metadata")
        .put("total_size", tensors.stream().mapToLong(HostTensor::bytes).sum());
    ObjectNode places = index.putObject("weight_map");
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      Safetensors.write(directory.resolve(name), shards.get(i), METADATA);
      shards.get(i).forEach(tensor -> places.put(tensor.name(), name));
    }
    StrictJson.write(directory.resolve(INDEX), index);
  }

  /** Consecutive names together, each shard within the limit unless a single tensor exceeds it. */
  private static List<List<HostTensor>> shards(Collection<HostTensor> tensors, long maxShardBytes) {
    if (maxShardBytes <= 0) {
      throw new IllegalArgumentException("maxShardBytes = " + maxShardBytes + " must be positive");
    }
    var shards = new ArrayList<List<HostTensor>>();
    long room = 0;
    for (HostTensor tensor : tensors) {
      if (shards.isEmpty() || tensor.bytes() > room) {
        shards.add(new ArrayList<>());
        room = maxShardBytes;
      }
      shards.get(shards.size() - 1).add(tensor);
      room -= tensor.bytes();
    }
    return shards;
  }

  private static SortedMap<String, HostTensor> readShards(Path directory, Path index) {
    SortedMap<String, String> shardOf = readIndex(index);
    var mistakes = new ArrayList<String>();
    var tensors = new TreeMap<String, HostTensor>();
    for (String shard : new TreeSet<>(shardOf.values())) {
      if (!Files.exists(directory.resolve(shard))) {
        mistakes.add("shard " + shard + " is missing");
        continue;
      }
      Safetensors.read(directory.resolve(shard))
          .forEach(
              (name, tensor) -> {
                if (shard.equals(shardOf.get(name))) {
                  tensors.put(name, tensor);
                } else {
                  mistakes.add(
                      "tensor %s is in shard %s, but the index places it %s"
                          .formatted(name, shard, shardOf.getOrDefault(name, "nowhere")));
                }
              });
    }
    shardOf.forEach(
        (name, shard) -> {
          if (!tensors.containsKey(name) && Files.exists(directory.resolve(shard))) {
            mistakes.add("tensor " + name + " is not in shard " + shard);
          }
        });
    if (!mistakes.isEmpty()) {
      throw new CheckpointException(index + ": " + String.join("; ", mistakes));
    }
    return tensors;
  }

  private static SortedMap<String, String> readIndex(Path index) {
    JsonNode places = StrictJson.read(index).path("weight_map");
    if (!places.isObject() || places.isEmpty()) {
      throw new CheckpointException(
          index + ": weight_map must be an object of tensor names and file names");
    }
    var shardOf = new TreeMap<String, String>();
    places
        .properties()
        .forEach(
            place -> {
              String shard = place.getValue().asText();
              // A path would let a downloaded index open files outside of its directory.
              if (!shard.matches("[^/\\\\]+\\.safetensors")) {
                throw new CheckpointException(
                    "%s: tensor %s is placed in %s, which is not the name of a safetensors file"
                        .formatted(index, place.getKey(), place.getValue()));
              }
              shardOf.put(place.getKey(), shard);
            });
    return shardOf;
  }
}
