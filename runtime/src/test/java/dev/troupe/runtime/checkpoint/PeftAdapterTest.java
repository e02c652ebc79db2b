package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeftAdapterTest {
  private static final DecoderConfig CONFIG = TinyDecoder.CONFIG;
  private static final LoraSettings LORA =
      new LoraSettings(3, 6, Set.of(Target.Q, Target.V, Target.DOWN));

  @TempDir private Path folder;

  /** Weights whose outer factors are not the zeros that training begins with. */
  private static List<HostTensor> adapted(Accelerator accelerator) {
    var tensors = new ArrayList<HostTensor>();
    try (DecoderWeights base = DecoderWeights.random(accelerator, CONFIG, 1);
        DecoderWeights fresh = base.withAdapters(LORA, 2)) {
      for (HostTensor tensor : fresh.toHost()) {
        float[] values = tensor.toFloats();
        if (tensor.name().endsWith("lora_B.weight")) {
          for (int i = 0; i < values.length; i++) {
            values[i] = (i % 7 - 3) * 0.01f;
          }
        }
        tensors.add(HostTensor.of(tensor.name(), values, tensor.shape()));
      }
    }
    return tensors;
  }

  private static LoadedModel base(List<HostTensor> all) {
    var plain = HostTensor.byName(all);
    plain.keySet().retainAll(CONFIG.tensorShapes().keySet());
    return new LoadedModel(CONFIG, plain);
  }

  @Test
  void adaptersComeBackBitForBitAndMergeToTheSameWeights() {
    try (Accelerator accelerator = Accelerator.of("cpu", 1)) {
      List<HostTensor> all = adapted(accelerator);
      Path directory = folder.resolve("adapters");
      PeftAdapter written = PeftAdapter.of(LORA, all, "base");
      written.save(directory);
      PeftAdapter read = PeftAdapter.load(directory);

      assertEquals(written.lora(), read.lora());
      assertEquals(written.tensors(), read.tensors());
      assertEquals("base", read.base());
      try (DecoderWeights trained =
              DecoderWeights.of(accelerator, CONFIG, LORA, HostTensor.byName(all));
          DecoderWeights again =
              DecoderWeights.of(accelerator, CONFIG, read.lora(), read.over(base(all)));
          DecoderWeights mergedTrained = trained.merged();
          DecoderWeights mergedAgain = again.merged()) {
        assertEquals(mergedTrained.digest(), mergedAgain.digest());
      }
    }
  }

  @Test
  void theFilesHaveTheNamesAndKeysOfPeft() throws Exception {
    Path directory = folder.resolve("adapters");
    try (Accelerator accelerator = Accelerator.of("cpu", 1)) {
      PeftAdapter.of(LORA, adapted(accelerator), "some/base").save(directory);
    }
    // PEFT 0.13, peft/utils/save_and_load.py: the adapter's name is taken out of the keys.
    Set<String> names = Safetensors.read(directory.resolve("adapter_model.safetensors")).keySet();
    assertEquals(2 * 3 * 2, names.size());
    assertTrue(names.contains("base_model.model.model.layers.1.mlp.down_proj.lora_B.weight"));
    JsonNode config =
        new ObjectMapper().readTree(directory.resolve("adapter_config.json").toFile());
    assertEquals("LORA", config.path("peft_type").asText());
    assertEquals("CAUSAL_LM", config.path("task_type").asText());
    assertEquals("some/base", config.path("base_model_name_or_path").asText());
    assertEquals(3, config.path("r").asInt());
    assertEquals(6, config.path("lora_alpha").asInt());
    assertEquals("[\"q_proj\",\"v_proj\",\"down_proj\"]", config.path("target_modules").toString());
  }

  @Test
  void otherKindsOfAdaptersAreRefusedWithEveryKey() throws Exception {
    Path directory = folder.resolve("adapters");
    try (Accelerator accelerator = Accelerator.of("cpu", 1)) {
      PeftAdapter.of(LORA, adapted(accelerator), "base").save(directory);
    }
    Path config = directory.resolve("adapter_config.json");
    String text = Files.readString(config);
    Files.writeString(
        config,
        text.replace("\"use_dora\" : false", "\"use_dora\" : true")
            .replace("\"bias\" : \"none\"", "\"bias\" : \"all\""));
    var thrown = assertThrows(CheckpointException.class, () -> PeftAdapter.load(directory));
    assertTrue(thrown.getMessage().contains("use_dora = true"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("bias = \"all\""), thrown.getMessage());
  }

  @Test
  void adaptersOfAnotherShapeDoNotFitABase() throws IOException {
    DecoderConfig wider = DecoderConfig.llama(10, 16, 2, 2, 1, 12, 16);
    try (Accelerator accelerator = Accelerator.of("cpu", 1)) {
      List<HostTensor> all = adapted(accelerator);
      PeftAdapter adapter = PeftAdapter.of(LORA, all, "");
      var other =
          new LoadedModel(wider, HostTensor.byName(TinyDecoder.tensors(wider, TensorType.F32)));
      var thrown = assertThrows(CheckpointException.class, () -> adapter.over(other));
      assertTrue(
          thrown.getMessage().contains("layers.0.self_attn.q_proj.lora_A.weight"),
          thrown.getMessage());
    }
  }

  @Test
  void aBaseWithMoreLayersLacksAdapters() {
    DecoderConfig deeper = DecoderConfig.llama(10, 8, 3, 2, 1, 12, 16);
    try (Accelerator accelerator = Accelerator.of("cpu", 1)) {
      PeftAdapter adapter = PeftAdapter.of(LORA, adapted(accelerator), "");
      var other =
          new LoadedModel(deeper, HostTensor.byName(TinyDecoder.tensors(deeper, TensorType.F32)));
      var thrown = assertThrows(CheckpointException.class, () -> adapter.over(other));
      assertTrue(thrown.getMessage().contains("is missing"), thrown.getMessage());
    }
  }
}
