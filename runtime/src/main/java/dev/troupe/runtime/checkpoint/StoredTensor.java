package dev.troupe.runtime.checkpoint;

import dev.troupe.runtime.model.DecoderConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One tensor of a family's files and the decoder's tensors that it holds. Most families store the
 * decoder's tensors as they are; Phi-3 fuses projections, and GPT-2 has other names, a fused
 * projection and matrices of (inputs, outputs).
 *
 * @param name in the file
 * @param parts names of the decoder's tensors in it, one after the other along their first axis
 * @param isTransposed whether a matrix is stored as (inputs, outputs)
 */
record StoredTensor(String name, List<String> parts, boolean isTransposed) {
  private static final String GPT2_PREFIX = "transformer.";
  private static final Pattern DECODER_LAYER = Pattern.compile("model\\.layers\\.(\\d+)\\.(.+)");

  /** GPT-2's name of a decoder's module within a layer. */
  private static final Map<String, String> GPT2_MODULES =
      Map.of(
          "input_layernorm", "ln_1",
          "self_attn.q_proj", "attn.c_attn",
          "self_attn.o_proj", "attn.c_proj",
          "post_attention_layernorm", "ln_2",
          "mlp.up_proj", "mlp.c_fc",
          "mlp.down_proj", "mlp.c_proj");

  private static final Map<String, String> GPT2_OUTSIDE =
      Map.of(
          "model.embed_tokens.weight", "transformer.wte.weight",
          "model.embed_positions.weight", "transformer.wpe.weight",
          "model.norm.weight", "transformer.ln_f.weight",
          "model.norm.bias", "transformer.ln_f.bias");

  /** Causal masks that old files hold, and rotary frequencies, which follow from the config. */
  private static final Pattern IDLE =
      Pattern.compile(
          "model\\.(layers\\.\\d+\\.self_attn\\.)?rotary_emb\\.inv_freq"
              + "|transformer\\.h\\.\\d+\\.attn\\.(masked_)?bias");

  /** What the files of a decoder hold, by name. */
  static SortedMap<String, StoredTensor> of(DecoderConfig config) {
    var stored = new TreeMap<String, StoredTensor>();
    for (String name : config.tensorShapes().keySet()) {
      StoredTensor tensor =
          switch (config.family()) {
            case "phi3" -> phi3(name);
            case "gpt2" -> gpt2(name);
            default -> new StoredTensor(name, List.of(name), false);
          };
      if (tensor != null) {
        stored.put(tensor.name(), tensor);
      }
    }
    return stored;
  }

  /** Null for a part of a fused tensor that is not its first. */
  private static StoredTensor phi3(String name) {
    if (name.contains(".k_proj.") || name.contains(".v_proj.") || name.contains(".up_proj.")) {
      return null;
    }
    if (name.contains(".q_proj.")) {
      return fused(name, "q_proj", "qkv_proj", List.of("q_proj", "k_proj", "v_proj"));
    }
    if (name.contains(".gate_proj.")) {
      return fused(name, "gate_proj", "gate_up_proj", List.of("gate_proj", "up_proj"));
    }
    return new StoredTensor(name, List.of(name), false);
  }

  private static StoredTensor gpt2(String name) {
    var place = DECODER_LAYER.matcher(name);
    if (!place.matches()) {
      return new StoredTensor(GPT2_OUTSIDE.getOrDefault(name, name), List.of(name), false);
    }
    int leaf = place.group(2).lastIndexOf('.');
    String kind = place.group(2).substring(leaf);
    String module = GPT2_MODULES.get(place.group(2).substring(0, leaf));
    if (module == null) {
      return null;
    }
    String stored = GPT2_PREFIX + "h." + place.group(1) + "." + module + kind;
    boolean isMatrix = kind.equals(".weight") && !module.startsWith("ln_");
    List<String> parts =
        module.equals("attn.c_attn")
            ? fused(name, "q_proj", "", List.of("q_proj", "k_proj", "v_proj")).parts()
            : List.of(name);
    return new StoredTensor(stored, parts, isMatrix);
  }

  private static StoredTensor fused(
      String first, String module, String fused, List<String> modules) {
    List<String> parts = modules.stream().map(part -> first.replace(module, part)).toList();
    return new StoredTensor(first.replace(module, fused), parts, false);
  }

  /** The name under which a tensor of a file is expected: GPT-2's own files leave a prefix out. */
  static String expectedName(DecoderConfig config, String name) {
    boolean isBare =
        config.family().equals("gpt2")
            && (name.startsWith("h.")
                || name.startsWith("wte.")
                || name.startsWith("wpe.")
                || name.startsWith("ln_f."));
    return isBare ? GPT2_PREFIX + name : name;
  }

  /** Whether a tensor of a file says nothing that the configuration does not. */
  static boolean isIdle(String name) {
    return IDLE.matcher(name).matches();
  }

  /** The shape in the file. */
  long[] shape(SortedMap<String, long[]> decoder) {
    long[] shape = decoder.get(parts.get(0)).clone();
    for (String part : parts.subList(1, parts.size())) {
      shape[0] += decoder.get(part)[0];
    }
    return isTransposed ? new long[] {shape[1], shape[0]} : shape;
  }

  /**
   * The decoder's tensors. Views of the file's bytes where they lie there as they are.
   *
   * @param file of this name and {@link #shape}
   */
  List<HostTensor> unpack(HostTensor file, SortedMap<String, long[]> decoder) {
    HostTensor whole = isTransposed ? transposed(file, file.name()) : file;
    var tensors = new ArrayList<HostTensor>();
    int offset = 0;
    for (String part : parts) {
      long[] shape = decoder.get(part);
      int bytes = file.dtype().bytes();
      for (long size : shape) {
        bytes = Math.toIntExact(bytes * size);
      }
      tensors.add(new HostTensor(part, file.dtype(), shape, whole.data().slice(offset, bytes)));
      offset += bytes;
    }
    return tensors;
  }

  /**
   * The file's tensor.
   *
   * @param decoder all tensors of the decoder
   * @throws CheckpointException if parts of one tensor are of different types
   */
  HostTensor pack(SortedMap<String, HostTensor> decoder) {
    HostTensor first = decoder.get(parts.get(0));
    HostTensor whole = first.renamed(name);
    if (parts.size() > 1) {
      int bytes = 0;
      for (String part : parts) {
        HostTensor tensor = decoder.get(part);
        if (tensor.dtype() != first.dtype()) {
          throw new CheckpointException(
              "%s and %s become one tensor %s of a file and must be of one type"
                  .formatted(first, tensor, name));
        }
        bytes = Math.addExact(bytes, tensor.bytes());
      }
      ByteBuffer data = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
      long rows = 0;
      for (String part : parts) {
        data.put(decoder.get(part).data());
        rows += decoder.get(part).shape()[0];
      }
      long[] shape = first.shape();
      shape[0] = rows;
      whole = new HostTensor(name, first.dtype(), shape, data.flip());
    }
    return isTransposed ? transposed(whole, name) : whole;
  }

  private static HostTensor transposed(HostTensor matrix, String name) {
    int rows = Math.toIntExact(matrix.shape()[0]);
    int columns = Math.toIntExact(matrix.shape()[1]);
    int size = matrix.dtype().bytes();
    ByteBuffer from = matrix.data();
    ByteBuffer to = ByteBuffer.allocateDirect(matrix.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        int at = (row * columns + column) * size;
        if (size == Float.BYTES) {
          to.putInt(from.getInt(at));
        } else {
          to.putShort(from.getShort(at));
        }
      }
    }
    return new HostTensor(name, matrix.dtype(), new long[] {columns, rows}, to.flip());
  }
}
