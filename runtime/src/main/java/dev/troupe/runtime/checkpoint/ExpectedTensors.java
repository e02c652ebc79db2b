package dev.troupe.runtime.checkpoint;

import dev.troupe.runtime.model.DecoderConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Compares the tensors at hand with those that a decoder's shape asks for. */
final class ExpectedTensors {
  private static final String HEAD = "lm_head.weight";
  private static final String EMBEDDING = "model.embed_tokens.weight";

  private final Object place;
  private final DecoderConfig config;
  private final SortedMap<String, long[]> expected;
  private final String embedding;
  private final List<String> mistakes = new ArrayList<>();

  private ExpectedTensors(
      Object place, DecoderConfig config, SortedMap<String, long[]> expected, String embedding) {
    this.place = place;
    this.config = config;
    this.expected = expected;
    this.embedding = embedding;
  }

  /**
   * Exactly the tensors of the decoder, from those of the family's files. Stored rotary frequencies
   * and causal masks, and a copy of the embedding as the head of a decoder that ties the two, are
   * left out.
   *
   * @param place named in the message
   * @throws CheckpointException listing every missing, unexpected and unfitting tensor
   */
  static SortedMap<String, HostTensor> unpack(
      Object place, DecoderConfig config, Map<String, HostTensor> files) {
    SortedMap<String, long[]> shapes = config.tensorShapes();
    SortedMap<String, StoredTensor> stored = StoredTensor.of(config);
    var found = new TreeMap<String, HostTensor>();
    for (HostTensor tensor : files.values()) {
      String name = StoredTensor.expectedName(config, tensor.name());
      if (!StoredTensor.isIdle(name)) {
        found.put(name, name.equals(tensor.name()) ? tensor : tensor.renamed(name));
      }
    }
    var expected = new TreeMap<String, long[]>();
    stored.forEach((name, tensor) -> expected.put(name, tensor.shape(shapes)));
    String embedding =
        stored.values().stream()
            .filter(tensor -> tensor.parts().contains(EMBEDDING))
            .map(StoredTensor::name)
            .findFirst()
            .orElseThrow();
    SortedMap<String, HostTensor> fitting =
        new ExpectedTensors(place, config, expected, embedding).select(found);
    var unpacked = new TreeMap<String, HostTensor>();
    fitting.forEach(
        (name, tensor) ->
            stored
                .get(name)
                .unpack(tensor, shapes)
                .forEach(part -> unpacked.put(part.name(), part)));
    return unpacked;
  }

  /**
   * The tensors of the family's files, from exactly those of the decoder.
   *
   * @param place named in the message
   * @throws CheckpointException listing every missing, unexpected and unfitting tensor
   */
  static Collection<HostTensor> pack(
      Object place, DecoderConfig config, SortedMap<String, HostTensor> tensors) {
    SortedMap<String, HostTensor> fitting =
        new ExpectedTensors(place, config, config.tensorShapes(), EMBEDDING).select(tensors);
    return StoredTensor.of(config).values().stream().map(stored -> stored.pack(fitting)).toList();
  }

  private SortedMap<String, HostTensor> select(SortedMap<String, HostTensor> found) {
    var selected = new TreeMap<String, HostTensor>();
    expected.forEach(
        (name, shape) -> {
          HostTensor tensor = found.get(name);
          if (tensor == null) {
            mistakes.add(name + ": expected " + Arrays.toString(shape) + ", missing");
          } else if (!tensor.dtype().isFloating() || !Arrays.equals(tensor.shape(), shape)) {
            mistakes.add(
                "%s: expected F32, F16 or BF16 %s, found %s %s"
                    .formatted(
                        name,
                        Arrays.toString(shape),
                        tensor.dtype(),
                        Arrays.toString(tensor.shape())));
          } else {
            selected.put(name, tensor);
          }
        });
    for (HostTensor tensor : found.values()) {
      if (!expected.containsKey(tensor.name())) {
        judgeExtra(tensor, found.get(embedding));
      }
    }
    if (!mistakes.isEmpty()) {
      throw new CheckpointException(
          "%s: %d of the tensors do not fit the %s decoder that config.json describes:\n  %s"
              .formatted(place, mistakes.size(), config.family(), String.join("\n  ", mistakes)));
    }
    return selected;
  }

  private void judgeExtra(HostTensor extra, HostTensor embeddingFound) {
    if (config.tiedHead() && extra.name().equals(HEAD)) {
      if (embeddingFound == null || !embeddingFound.renamed(HEAD).equals(extra)) {
        mistakes.add(
            HEAD
                + ": tie_word_embeddings = true, but it differs from "
                + embedding
                + ", found "
                + extra.dtype()
                + " "
                + Arrays.toString(extra.shape()));
      }
      return;
    }
    mistakes.add(
        "%s: unexpected, found %s %s"
            .formatted(extra.name(), extra.dtype(), Arrays.toString(extra.shape())));
  }
}
