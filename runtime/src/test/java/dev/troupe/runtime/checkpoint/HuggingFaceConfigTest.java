package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.RopeScaling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HuggingFaceConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The keys that Llama 2 checkpoints of 2023 carry; the rest has defaults. */
  private static final String LLAMA =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 100,
       "hidden_size": 16, "intermediate_size": 40, "num_hidden_layers": 2,
       "num_attention_heads": 4, "max_position_embeddings": 64, "rms_norm_eps": 1e-05}
      """;

  /** The keys and values of Qwen2.5-0.5B-Instruct, with smaller sizes. */
  private static final String QWEN2 =
      """
      {"architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 43,
       "eos_token_id": 45, "hidden_act": "silu", "hidden_size": 16, "initializer_range": 0.02,
       "intermediate_size": 40, "max_position_embeddings": 64, "max_window_layers": 21,
       "model_type": "qwen2", "num_attention_heads": 4, "num_hidden_layers": 2,
       "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
       "sliding_window": 64, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
       "transformers_version": "4.43.1", "use_cache": true, "use_sliding_window": false,
       "vocab_size": 100}
      """;

  private static final String FAMILIES =
      "\"llama\", \"qwen2\", \"qwen3\", \"mistral\", \"gemma2\", \"gemma3_text\", \"gpt2\", \"phi3\"";

  private static final DecoderConfig QWEN2_DECODER =
      new DecoderConfig(
          "qwen2",
          100,
          16,
          2,
          4,
          2,
          4,
          40,
          64,
          1e-6,
          1e6,
          true,
          true,
          false,
          false,
          false,
          0,
          43,
          List.of(45),
          -1,
          DecoderTraits.PLAIN);

  /** The keys and values of Qwen3-0.6B, with smaller sizes. */
  private static final String QWEN3 =
      """
      {"architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
       "bos_token_id": 43, "eos_token_id": [45, 43], "head_dim": 8, "hidden_act": "silu",
       "hidden_size": 16, "intermediate_size": 40, "max_position_embeddings": 64,
       "max_window_layers": 28, "model_type": "qwen3", "num_attention_heads": 4,
       "num_hidden_layers": 2, "num_key_value_heads": 2, "rms_norm_eps": 1e-06,
       "rope_scaling": null, "rope_theta": 1000000, "sliding_window": null,
       "tie_word_embeddings": true, "use_sliding_window": false, "vocab_size": 100}
      """;

  @TempDir private Path folder;

  @Test
  void fillsInWhatLlamaConfigFillsIn() throws IOException {
    assertEquals(
        new DecoderConfig(
            "llama",
            100,
            16,
            2,
            4,
            4,
            4,
            40,
            64,
            1e-5,
            10_000,
            false,
            false,
            false,
            false,
            false,
            0,
            -1,
            List.of(),
            -1,
            DecoderTraits.PLAIN),
        read(LLAMA));
  }

  @Test
  void givesLlamaItsOptionalBiasesAndHeads() throws IOException {
    ObjectNode json = object(LLAMA);
    json.put("attention_bias", true).put("mlp_bias", true).put("head_dim", 6);
    json.put("num_key_value_heads", 2).put("tie_word_embeddings", true).put("pad_token_id", 7);
    json.put("bos_token_id", 1).put("eos_token_id", 2).put("troupe_scores", 3);
    assertEquals(
        new DecoderConfig(
            "llama",
            100,
            16,
            2,
            4,
            2,
            6,
            40,
            64,
            1e-5,
            10_000,
            true,
            true,
            true,
            true,
            false,
            3,
            1,
            List.of(2),
            7,
            DecoderTraits.PLAIN),
        read(json.toString()));
  }

  @Test
  void readsQwen2WithItsBuiltInBiases() throws IOException {
    assertEquals(QWEN2_DECODER, read(QWEN2));
  }

  @Test
  void readsQwen3WithItsNormsAndWideHeads() throws IOException {
    assertEquals(
        new DecoderConfig(
            "qwen3",
            100,
            16,
            2,
            4,
            2,
            8,
            40,
            64,
            1e-6,
            1e6,
            true,
            false,
            false,
            false,
            true,
            0,
            43,
            List.of(45, 43),
            -1,
            DecoderTraits.PLAIN),
        read(QWEN3));
  }

  @Test
  void readsTheRotaryBaseWhereNewerTransformersPutIt() throws IOException {
    ObjectNode json = object(QWEN3);
    json.remove(List.of("rope_theta", "rope_scaling"));
    json.putObject("rope_parameters").put("rope_type", "default").put("rope_theta", 5e5);
    assertEquals(5e5, read(json.toString()).ropeTheta());
  }

  static Stream<DecoderConfig> decoders() {
    DecoderConfig llama = DecoderConfig.llama(100, 16, 2, 4, 2, 40, 64);
    return Stream.of(
        llama,
        llama.withScores(2).withTokens(1, List.of(2, 3), 0),
        new DecoderConfig(
            "llama",
            100,
            16,
            2,
            4,
            2,
            6,
            40,
            64,
            3e-7,
            5e5,
            false,
            true,
            true,
            true,
            false,
            0,
            -1,
            List.of(),
            99,
            DecoderTraits.PLAIN),
        QWEN2_DECODER,
        new DecoderConfig(
            "qwen3",
            100,
            16,
            2,
            4,
            2,
            8,
            40,
            64,
            1e-6,
            1e6,
            false,
            true,
            true,
            false,
            true,
            1,
            43,
            List.of(45),
            -1,
            DecoderTraits.PLAIN));
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void readsBackWhatItWrites(DecoderConfig config) {
    Path file = folder.resolve("config.json");
    HuggingFaceConfig.write(file, config, TensorType.BF16);
    assertEquals(config, HuggingFaceConfig.read(file));
  }

  @Test
  void writesWhatTransformersNeedsToChooseItsClasses() throws IOException {
    Path file = folder.resolve("config.json");
    HuggingFaceConfig.write(file, read(QWEN3), TensorType.BF16);
    JsonNode json = JSON.readTree(file.toFile());
    assertEquals("[\"Qwen3ForCausalLM\"]", json.get("architectures").toString());
    assertEquals("bfloat16", json.get("torch_dtype").asText());
    // An absent id would become LlamaConfig's own default.
    assertTrue(json.get("pad_token_id").isNull());
    assertFalse(json.has("troupe_scores"));
  }

  @Test
  void readsEveryScalingOfRotaryPositions() throws IOException {
    var given =
        Map.of(
            "{\"type\":\"linear\",\"factor\":2.0}",
            new RopeScaling.Linear(2),
            "{\"rope_type\":\"dynamic\",\"factor\":3.0}",
            new RopeScaling.Dynamic(3),
            """
            {"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
             "original_max_position_embeddings":8192}
            """,
            new RopeScaling.Llama3(8, 1, 4, 8192),
            "{\"type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":32}",
            new RopeScaling.Yarn(4, 32, 32, 1, RopeScaling.Yarn.usualMagnitude(4)));
    for (Map.Entry<String, ? extends RopeScaling> scaling : given.entrySet()) {
      ObjectNode json = object(LLAMA);
      json.set("rope_scaling", JSON.readTree(scaling.getKey()));
      assertEquals(scaling.getValue(), read(json.toString()).traits().ropeScaling());
      json.set("rope_parameters", json.remove("rope_scaling"));
      assertEquals(scaling.getValue(), read(json.toString()).traits().ropeScaling());
    }
  }

  @Test
  void namesTheKeyWithinAScalingThatIsMissingOrUnknown() throws IOException {
    ObjectNode json = object(LLAMA);
    json.set("rope_scaling", JSON.readTree("{\"rope_type\":\"llama3\",\"factor\":8.0}"));
    assertEquals(
        List.of(
            "rope_scaling.low_freq_factor is missing, expected a number",
            "rope_scaling.high_freq_factor is missing, expected a number",
            "rope_scaling.original_max_position_embeddings is missing, expected an integer"),
        mistakes(json.toString()));
    json.set("rope_scaling", JSON.readTree("{\"rope_type\":\"longrope\"}"));
    assertEquals(
        List.of(
            "rope_scaling.rope_type = \"longrope\" is not supported, only \"default\", \"linear\", \"dynamic\", \"llama3\", \"yarn\""),
        mistakes(json.toString()));
  }

  @Test
  void placesWindowsWhereTheFamilyDoes() throws IOException {
    ObjectNode mistral = object(LLAMA);
    mistral.put("model_type", "mistral").put("num_key_value_heads", 2);
    mistral.putArray("architectures").add("MistralForCausalLM");
    // MistralConfig: sliding_window = 4096 unless it is null
    assertEquals(List.of(4096, 4096), read(mistral.toString()).traits().windows());
    assertEquals(List.of(), read(mistral.putNull("sliding_window").toString()).traits().windows());
    assertEquals(
        List.of(8, 8), read(mistral.put("sliding_window", 8).toString()).traits().windows());
    ObjectNode qwen2 = object(QWEN2);
    qwen2.put("use_sliding_window", true).put("max_window_layers", 1);
    assertEquals(List.of(0, 64), read(qwen2.toString()).traits().windows());
  }

  /** The keys and values of gemma-2-2b, with smaller sizes. */
  @Test
  void readsGemma2WithItsDefaults() throws IOException {
    ObjectNode json =
        object(
            """
            {"architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "vocab_size": 100,
             "hidden_size": 16, "intermediate_size": 40, "num_hidden_layers": 3, "head_dim": 8,
             "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64,
             "rms_norm_eps": 1e-06, "hidden_act": "gelu_pytorch_tanh",
             "hidden_activation": "gelu_pytorch_tanh", "sliding_window": 8}
            """);
    DecoderConfig config = read(json.toString());
    assertTrue(config.tiedHead());
    assertEquals(List.of(8, 0, 8), config.traits().windows());
    assertEquals(1 / 16.0, config.attentionScale()); // 256^(-1/2)
    assertEquals(50, config.traits().attentionCap());
    assertEquals(30, config.traits().logitCap());
    assertEquals(4, config.embeddingFactor()); // 16^(1/2)
    json.putNull("attn_logit_softcapping");
    assertEquals(0, read(json.toString()).traits().attentionCap());
  }

  /** Each value would make transformers compute something the decoder does not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hidden_act | \"gelu\" | \"silu\"",
        "pretraining_tp | 2 | 1",
        "partial_rotary_factor | 0.5 | 1.0",
        "attention_dropout | 0.1 | 0.0",
        "quantization_config | {\"bits\":4} | weights that are not quantized",
        "rope_scaling | \"linear\" | an object or null",
        "layer_types | [\"full_attention\",\"sliding_attention\"] | for each layer \"full_attention\", as there is no window",
        "sliding_window | 4096 | null",
        "architectures | [\"LlamaForSequenceClassification\"] | [\"LlamaForCausalLM\"]",
        "auto_map | {\"AutoModelForCausalLM\":\"modeling.X\"} | built-in models"
      })
  void refusesOtherMathematicsByNameAndValue(String key, String value, String allowed)
      throws IOException {
    ObjectNode json = object(LLAMA);
    json.set(key, JSON.readTree(value));
    assertEquals(
        List.of(key + " = " + value + " is not supported, only " + allowed),
        mistakes(json.toString()));
  }

  @Test
  void refusesWhatTheQwenFamiliesFix() throws IOException {
    ObjectNode json = object(QWEN2);
    json.put("attention_bias", false).put("mlp_bias", true);
    assertEquals(
        List.of(
            "mlp_bias = true is not supported, only false",
            "attention_bias = false is not supported, only true"),
        mistakes(json.toString()));
  }

  @Test
  void refusesAnotherFamilyBeforeAnythingElse() throws IOException {
    assertEquals(
        List.of("model_type = \"gemma3\" is not supported, only " + FAMILIES),
        mistakes("{\"model_type\": \"gemma3\"}"));
    assertEquals(List.of("model_type is missing, supported is only " + FAMILIES), mistakes("{}"));
  }

  @Test
  void namesEveryMissingAndMalformedKeyAtOnce() throws IOException {
    assertEquals(
        List.of(
            "hidden_act = \"relu\" is not supported, only \"silu\"",
            "hidden_size = 16.5 is not an integer",
            "num_attention_heads is missing, expected an integer",
            "num_key_value_heads is missing, expected an integer",
            "head_dim is missing, expected an integer",
            "vocab_size = \"100\" is not an integer",
            "num_hidden_layers is missing, expected an integer",
            "intermediate_size is missing, expected an integer",
            "max_position_embeddings is missing, expected an integer",
            "rms_norm_eps is missing, expected a number",
            "tie_word_embeddings = 1 is not true or false",
            "eos_token_id = [2,\"x\"] is not an integer or an array of integers"),
        mistakes(
            """
            {"model_type": "qwen3", "hidden_act": "relu", "hidden_size": 16.5, "vocab_size": "100",
             "tie_word_embeddings": 1, "eos_token_id": [2, "x"]}
            """));
  }

  @Test
  void passesOnWhatTheDecoderItselfRefuses() throws IOException {
    ObjectNode json = object(LLAMA);
    json.put("num_key_value_heads", 3);
    assertEquals(
        List.of("decoder: heads = 4 is not a multiple of kvHeads = 3"), mistakes(json.toString()));
  }

  @Test
  void refusesTextThatIsNotOneJsonObject() {
    for (String text : List.of("", "[1]", "{\"model_type\": \"llama\"", "{\"a\": 1, \"a\": 2}")) {
      assertThrows(CheckpointException.class, () -> read(text), text);
    }
  }

  private DecoderConfig read(String json) throws IOException {
    return HuggingFaceConfig.read(Files.writeString(folder.resolve("config.json"), json));
  }

  private List<String> mistakes(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), json);
    var failure = assertThrows(CheckpointException.class, () -> HuggingFaceConfig.read(file));
    String prefix = file + ": ";
    assertTrue(failure.getMessage().startsWith(prefix), failure.getMessage());
    return List.of(failure.getMessage().substring(prefix.length()).split("; "));
  }

  private static ObjectNode object(String json) throws IOException {
    return (ObjectNode) JSON.readTree(json);
  }
}
