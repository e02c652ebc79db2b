package dev.troupe.runtime.checkpoint;

import dev.troupe.runtime.model.DecoderConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Compares the tensors at hand with those that a decoder's shape asks for. */
final class ExpectedTensors {
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

  /** Old transformers stored the rotary frequencies, which follow from the configuration. */
  private static final Pattern ROTARY_FREQUENCIES =
      Pattern.compile("model\\.(layers\\.\\d+\\.self_attn\\.)?rotary_emb\\.inv_freq");

  private ExpectedTensors() {}

  /**
   * Exactly the tensors of the decoder. Stored rotary frequencies, and a copy of the embedding as
   * the head of a decoder that ties the two, are left out.
   *
   * @param place named in the message
   * @throws CheckpointException listing every missing, unexpected and unfitting tensor
   */
  static SortedMap<String, HostTensor> select(
      Object place, DecoderConfig config, Map<String, HostTensor> found) {
    SortedMap<String, long[]> expected = config.tensorShapes();
    var selected = new TreeMap<String, HostTensor>();
    var mistakes = new ArrayList<String>();
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
    for (HostTensor tensor : HostTensor.byName(found.values()).values()) {
      if (!expected.containsKey(tensor.name())) {
        judgeExtra(config, tensor, found.get(EMBEDDING), mistakes);
      }
    }
    if (!mistakes.isEmpty()) {
      throw new CheckpointException(
          "%s: %d of the tensors do not fit the %s decoder that config.json describes:\n  %s"
              .formatted(place, mistakes.size(), config.family(), String.join("\n  ", mistakes)));
    }
    return selected;
  }

  private static void judgeExtra(
      DecoderConfig config, HostTensor extra, HostTensor embedding, List<String> mistakes) {
    if (ROTARY_FREQUENCIES.matcher(extra.name()).matches()) {
      return;
    }
    if (config.tiedHead() && extra.name().equals(HEAD)) {
      if (embedding == null || !embedding.renamed(HEAD).equals(extra)) {
        mistakes.add(
            HEAD
                + ": tie_word_embeddings = true, but it differs from "
                + EMBEDDING
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
