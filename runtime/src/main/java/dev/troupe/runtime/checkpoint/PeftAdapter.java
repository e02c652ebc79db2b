package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Low-rank adapters in the layout of the PEFT library: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, in which a tensor's name is that of the module it adapts behind
 * {@code base_model.model.}.
 *
 * @param lora rank, scale and targets
 * @param tensors both factors of each adapter by the name that the decoder gives them, such as
 *     {@code model.layers.0.self_attn.q_proj.lora_A.weight}
 * @param base what the adapters were trained on: a directory or a name, possibly empty
 */
public record PeftAdapter(LoraSettings lora, SortedMap<String, HostTensor> tensors, String base) {
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PREFIX = "base_model.model.";
  private static final Pattern NAME =
      Pattern.compile("model\\.layers\\.\\d+\\.(.+)\\.lora_[AB]\\.weight");

  /** Takes a copy of the map, not of the numbers. */
  public PeftAdapter {
    tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
  }

  /**
   * The adapters among the tensors of weights.
   *
   * @param weights all tensors; those that are no adapters are left out
   */
  public static PeftAdapter of(LoraSettings lora, Collection<HostTensor> weights, String base) {
    SortedMap<String, HostTensor> adapters = HostTensor.byName(weights);
    adapters.keySet().removeIf(name -> !NAME.matcher(name).matches());
    return new PeftAdapter(lora, adapters, base);
  }

  /**
   * Refuses a decoder whose projections PEFT knows under other names, fused.
   *
   * @throws CheckpointException that says what to do instead
   */
  public static void requireSeparateProjections(DecoderConfig config) {
    if (config.family().equals("gpt2") || config.family().equals("phi3")) {
      throw new CheckpointException(
          "PEFT adapts the fused projections of the family %s as one, these adapters their parts; export the merged model with --format hugging-face instead."
              .formatted(config.family()));
    }
  }

  /** Whether a directory is one of adapters. */
  public static boolean isAt(Path directory) {
    return Files.isRegularFile(directory.resolve(CONFIG));
  }

  /**
   * Writes the directory: complete under its name, or not at all.
   *
   * @param directory must not exist yet: a person's files are never replaced
   * @throws CheckpointException if something is there already or it cannot be written
   */
  public void save(Path directory) {
    if (Files.exists(directory)) {
      throw new CheckpointException(
          "cannot save adapters as " + directory + ": it exists; choose another name or remove it");
    }
    List<HostTensor> renamed =
        tensors.values().stream().map(tensor -> tensor.renamed(PREFIX + tensor.name())).toList();
    try {
      Aside.directory(
          directory,
          aside -> {
            StrictJson.write(aside.resolve(CONFIG), config());
            Safetensors.write(aside.resolve(WEIGHTS), renamed, Map.of("format", "pt"));
          });
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + directory + ": " + e, e);
    }
  }

  private ObjectNode config() {
    ObjectNode json = StrictJson.object();
    json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    json.put("base_model_name_or_path", base);
    json.put("r", lora.rank());
    if (lora.alpha() == Math.rint(lora.alpha())) {
      json.put("lora_alpha", (long) lora.alpha());
    } else {
      json.put("lora_alpha", lora.alpha());
    }
    json.put("lora_dropout", 0.0).put("bias", "none").put("fan_in_fan_out", false);
    ArrayNode targets = json.putArray("target_modules");
    EnumSet.copyOf(lora.targets()).forEach(target -> targets.add(leaf(target)));
    json.put("use_rslora", false).put("use_dora", false);
    json.put("init_lora_weights", true).put("inference_mode", true);
    json.putNull("modules_to_save").putNull("layers_to_transform").putNull("layers_pattern");
    json.putObject("rank_pattern");
    json.putObject("alpha_pattern");
    return json;
  }

  private static String leaf(Target target) {
    return target.module().substring(target.module().lastIndexOf('.') + 1);
  }

  /**
   * Reads a directory of adapters.
   *
   * @throws CheckpointException if a file is missing or malformed, or the adapters are of another
   *     kind than plain LoRA of one rank on the linear layers of every block; it lists every key
   */
  public static PeftAdapter load(Path directory) {
    Path file = directory.resolve(CONFIG);
    if (!isAt(directory)) {
      throw new CheckpointException(
          directory + " holds no adapters; expected a directory with " + CONFIG);
    }
    var keys = new ConfigKeys(file, StrictJson.read(file));
    keys.supportOnly("peft_type", value -> value.asText().equals("LORA"), "\"LORA\"");
    keys.supportOnly("bias", value -> value.asText().equals("none"), "\"none\"");
    for (String flag : List.of("use_rslora", "use_dora", "fan_in_fan_out", "lora_bias")) {
      keys.supportOnly(flag, value -> !value.asBoolean(true), "false");
    }
    for (String list : List.of("modules_to_save", "layers_to_transform")) {
      keys.supportOnly(list, JsonNode::isEmpty, "null");
    }
    for (String pattern : List.of("rank_pattern", "alpha_pattern")) {
      keys.supportOnly(pattern, JsonNode::isEmpty, "{}");
    }
    int rank = keys.integer("r");
    double alpha = keys.number("lora_alpha");
    String base = keys.get("base_model_name_or_path").asText("");
    keys.throwIfAny();
    var tensors = new TreeMap<String, HostTensor>();
    Set<Target> targets = EnumSet.noneOf(Target.class);
    for (HostTensor tensor : Safetensors.read(directory.resolve(WEIGHTS)).values()) {
      String name = decoderName(directory, tensor, targets);
      tensors.put(name, tensor.renamed(name));
    }
    try {
      return new PeftAdapter(new LoraSettings(rank, alpha, targets), tensors, base);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file + ": " + e.getMessage(), e);
    }
  }

  private static String decoderName(Path directory, HostTensor tensor, Set<Target> targets) {
    if (tensor.name().startsWith(PREFIX)) {
      String name = tensor.name().substring(PREFIX.length());
      Matcher parts = NAME.matcher(name);
      for (Target target : Target.values()) {
        if (parts.matches() && parts.group(1).equals(target.module())) {
          targets.add(target);
          return name;
        }
      }
    }
    throw new CheckpointException(
        "%s: the tensor %s adapts nothing that can be adapted; known are q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj and down_proj of model.layers.N"
            .formatted(directory.resolve(WEIGHTS), tensor.name()));
  }

  /**
   * The tensors of a base with these adapters among them.
   *
   * @throws CheckpointException listing every adapter that does not fit the base
   */
  public SortedMap<String, HostTensor> over(LoadedModel model) {
    SortedMap<String, long[]> shapes = model.config().tensorShapes();
    var missing = new TreeMap<String, String>();
    tensors.forEach(
        (name, tensor) -> {
          String module = name.substring(0, name.indexOf(".lora_"));
          long[] adapted = shapes.get(module + ".weight");
          boolean isOuter = name.endsWith(".lora_B.weight");
          long[] shape = tensor.shape();
          boolean fits =
              adapted != null
                  && shape.length == 2
                  && shape[isOuter ? 1 : 0] == lora.rank()
                  && shape[isOuter ? 0 : 1] == adapted[isOuter ? 0 : 1];
          if (!fits) {
            missing.put(name, tensor + " does not fit the base");
          }
        });
    for (int layer = 0; layer < model.config().layers(); layer++) {
      for (Target target : lora.targets()) {
        for (String half : List.of("A", "B")) {
          String name = "model.layers.%d.%s.lora_%s.weight".formatted(layer, target.module(), half);
          if (!tensors.containsKey(name)) {
            missing.put(name, name + " is missing");
          }
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new CheckpointException(
          "the adapters do not belong to this base: " + String.join("; ", missing.values()));
    }
    var all = new TreeMap<>(model.tensors());
    all.putAll(tensors);
    return all;
  }
}
