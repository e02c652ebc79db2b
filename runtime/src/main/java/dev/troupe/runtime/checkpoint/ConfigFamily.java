package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.DecoderConfig;
import java.util.Map;

/** How the {@code config.json} of some families says what a decoder computes. */
interface ConfigFamily {
  /** By {@code model_type}: who reads and writes it. */
  Map<String, ConfigFamily> ALL =
      Map.of(
          "llama", new LlamaKeys("llama", "LlamaForCausalLM"),
          "qwen2", new LlamaKeys("qwen2", "Qwen2ForCausalLM"),
          "qwen3", new LlamaKeys("qwen3", "Qwen3ForCausalLM"),
          "mistral", new LlamaKeys("mistral", "MistralForCausalLM"),
          "phi3", new LlamaKeys("phi3", "Phi3ForCausalLM"),
          "gemma2", new GemmaKeys("gemma2", "Gemma2ForCausalLM"),
          "gemma3_text", new GemmaKeys("gemma3_text", "Gemma3ForCausalLM"),
          "gpt2", new Gpt2Keys());

  /** The class of transformers. */
  String architecture();

  /** Reads what the family says, noting in {@code keys} what is missing, malformed or refused. */
  void read(ConfigKeys keys, DecoderDraft draft);

  /** Puts the keys that {@link #read} reads. */
  void write(ObjectNode json, DecoderConfig config);
}
