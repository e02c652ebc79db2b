package dev.troupe.runtime.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.TensorType;
import dev.troupe.runtime.checkpoint.TinyDecoder;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.RopeScaling;
import dev.troupe.runtime.model.TinyDecoders;
import dev.troupe.runtime.tokenizer.ByteTokenizer;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.tokenizer.SharedMaterial;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufExportTest {
  /** Four query heads and two key heads of four numbers, so that a permutation is visible. */
  private static final DecoderConfig LLAMA =
      DecoderConfig.llama(16, 16, 2, 4, 2, 40, 32).withTokens(1, List.of(2), 0);

  private static final CharacterTokenizer LETTERS = new CharacterTokenizer("0123456789> ");

  @TempDir private Path folder;
  private int models;

  private static DecoderConfig family(String family, boolean bias, boolean qkNorm, boolean tied) {
    return new DecoderConfig(
        family,
        270,
        32,
        1,
        4,
        2,
        8,
        64,
        32,
        1e-6,
        1e6,
        tied,
        bias,
        false,
        false,
        qkNorm,
        0,
        1,
        List.of(2),
        0,
        DecoderTraits.PLAIN);
  }

  private Path save(DecoderConfig config, Tokenizer tokenizer, TensorType type) {
    Path directory = folder.resolve("model-" + ++models);
    HuggingFaceDirectory.save(directory, config, TinyDecoder.tensors(config, type), null);
    tokenizer.save(directory);
    return directory;
  }

  private GgufReader export(Path model, GgufType type) throws IOException {
    Path file = folder.resolve(type + ".gguf");
    GgufExport.write(model, file, "tiny", type);
    return new GgufReader(file);
  }

  private static Map<String, HostTensor> tensors(Path model) {
    return HuggingFaceDirectory.load(model).tensors();
  }

  @Test
  void aLlamaHasItsShapeAndEveryTensorAtAMultipleOf32() throws Exception {
    Path model = save(LLAMA, LETTERS, TensorType.F32);
    GgufReader file = export(model, GgufType.F32);

    assertEquals(3, file.version);
    assertEquals("llama", file.metadata.get("general.architecture"));
    assertEquals("tiny", file.metadata.get("general.name"));
    assertEquals(0L, file.metadata.get("general.file_type"));
    assertEquals(2L, file.metadata.get("llama.block_count"));
    assertEquals(32L, file.metadata.get("llama.context_length"));
    assertEquals(16L, file.metadata.get("llama.embedding_length"));
    assertEquals(40L, file.metadata.get("llama.feed_forward_length"));
    assertEquals(4L, file.metadata.get("llama.attention.head_count"));
    assertEquals(2L, file.metadata.get("llama.attention.head_count_kv"));
    assertEquals(4L, file.metadata.get("llama.rope.dimension_count"));
    assertEquals(1e-5f, file.metadata.get("llama.attention.layer_norm_rms_epsilon"));
    assertEquals(10_000f, file.metadata.get("llama.rope.freq_base"));
    assertEquals(1 + 2 * 9 + 1, file.tensors.size()); // the tied head is no tensor
    assertEquals(List.of(16L, 8L), file.tensors.get("blk.1.attn_k.weight").axes());
    assertEquals(0, file.dataStart % 32);
    file.tensors.values().forEach(tensor -> assertEquals(0, tensor.offset() % 32));
    assertArrayEquals(
        tensors(model).get("model.layers.1.mlp.down_proj.weight").toFloats(),
        file.floats("blk.1.ffn_down.weight"));
  }

  @Test
  void theRowsThatLlamaTurnsTogetherAreNeighbours() throws Exception {
    Path model = save(LLAMA, LETTERS, TensorType.F32);
    GgufReader file = export(model, GgufType.F32);
    float[] from = tensors(model).get("model.layers.0.self_attn.k_proj.weight").toFloats();
    float[] to = file.floats("blk.0.attn_k.weight");

    // A head has four rows; transformers turns 0 with 2 and 1 with 3, llama.cpp 0 with 1, 2 with 3.
    int[] rowOf = {0, 2, 1, 3, 4, 6, 5, 7};
    for (int row = 0; row < rowOf.length; row++) {
      for (int column = 0; column < 16; column++) {
        assertEquals(from[rowOf[row] * 16 + column], to[row * 16 + column]);
      }
    }
    assertArrayEquals(
        tensors(model).get("model.layers.0.self_attn.v_proj.weight").toFloats(),
        file.floats("blk.0.attn_v.weight"));
  }

  @Test
  void qwenKeepsItsRowsAndBringsItsBiasesNormsAndHead() throws Exception {
    Path model = save(family("qwen2", true, false, false), new ByteTokenizer(), TensorType.BF16);
    GgufReader two = export(model, GgufType.F32);
    assertEquals("qwen2", two.metadata.get("general.architecture"));
    assertEquals(1e6f, two.metadata.get("qwen2.rope.freq_base"));
    for (String part : List.of("q", "k", "v")) {
      assertArrayEquals(
          tensors(model).get("model.layers.0.self_attn." + part + "_proj.bias").toFloats(),
          two.floats("blk.0.attn_" + part + ".bias"));
      assertArrayEquals(
          tensors(model).get("model.layers.0.self_attn." + part + "_proj.weight").toFloats(),
          two.floats("blk.0.attn_" + part + ".weight"));
    }
    assertTrue(two.tensors.containsKey("output.weight"));
  }

  @Test
  void qwen3BringsTheNormsOfQueriesAndKeys() throws Exception {
    Path model = save(family("qwen3", false, true, true), new ByteTokenizer(), TensorType.F16);
    GgufReader three = export(model, GgufType.F16);
    assertEquals(8L, three.metadata.get("qwen3.attention.key_length"));
    assertEquals(List.of(8L), three.tensors.get("blk.0.attn_q_norm.weight").axes());
    assertEquals(0, three.tensors.get("blk.0.attn_k_norm.weight").type()); // vectors stay F32
    assertEquals(1, three.tensors.get("blk.0.attn_k.weight").type());
    assertFalse(three.tensors.containsKey("output.weight"));
    byte[] half = new byte[2 * 16 * 32];
    three.data("blk.0.attn_k.weight", half.length).get(half);
    byte[] source = new byte[half.length];
    tensors(model).get("model.layers.0.self_attn.k_proj.weight").data().get(source);
    assertArrayEquals(source, half);
  }

  @Test
  void rowsThatAreNoMultipleOf32StayInSinglePrecision() throws Exception {
    DecoderConfig config = DecoderConfig.llama(15, 64, 1, 2, 2, 40, 8).withTokens(1, List.of(2), 0);
    Path model = save(config, LETTERS, TensorType.F32);
    GgufReader file = export(model, GgufType.Q8_0);
    assertEquals(8, file.tensors.get("token_embd.weight").type());
    assertEquals(8, file.tensors.get("blk.0.ffn_up.weight").type());
    assertEquals(0, file.tensors.get("blk.0.ffn_down.weight").type()); // rows of 40
    assertEquals(7L, file.metadata.get("general.file_type"));
  }

  @Test
  void charactersBecomePiecesThatNothingMergesAndTheSpaceIsWrittenAsThere() throws Exception {
    Path model = save(LLAMA, LETTERS, TensorType.F32);
    GgufReader file = export(model, GgufType.F32);
    assertEquals("llama", file.metadata.get("tokenizer.ggml.model"));
    List<String> tokens = file.list("tokenizer.ggml.tokens");
    assertEquals(
        "<pad> <s> </s> 0 1 2 3 4 5 6 7 8 9 > ▁ [PAD15]",
        tokens.stream().collect(Collectors.joining(" ")));
    List<Integer> kinds = file.list("tokenizer.ggml.token_type");
    assertEquals(List.of(3, 3, 3, 1), kinds.subList(0, 4));
    assertEquals(5, kinds.get(15)); // a row of the embedding without a token
    assertEquals(1L, file.metadata.get("tokenizer.ggml.bos_token_id"));
    assertEquals(2L, file.metadata.get("tokenizer.ggml.eos_token_id"));
    assertEquals(true, file.metadata.get("tokenizer.ggml.add_bos_token"));
    assertEquals(false, file.metadata.get("tokenizer.ggml.add_eos_token"));
    assertEquals(false, file.metadata.get("tokenizer.ggml.add_space_prefix"));
  }

  @Test
  void bytesBecomePairsWithoutMergesAndAChatTemplateComesAlong() throws Exception {
    Path model = save(family("qwen2", true, false, true), new ByteTokenizer(), TensorType.F32);
    Files.writeString(model.resolve("chat_template.jinja"), "{{ messages }}");
    GgufReader file = export(model, GgufType.F32);
    assertEquals("gpt2", file.metadata.get("tokenizer.ggml.model"));
    assertEquals(List.of(), file.list("tokenizer.ggml.merges"));
    assertEquals("Ġ", file.<String>list("tokenizer.ggml.tokens").get(3 + ' '));
    assertEquals("{{ messages }}", file.metadata.get("tokenizer.chat_template"));
  }

  @Test
  void tinyStoriesHasItsPiecesWithScoresThatOrderThemAsTheirMerges() throws Exception {
    Path model = SharedMaterial.path("models/tiny-stories-260k");
    GgufReader file = export(model, GgufType.F32);
    List<String> tokens = file.list("tokenizer.ggml.tokens");
    List<Float> scores = file.list("tokenizer.ggml.scores");
    assertEquals(512, tokens.size());
    assertEquals("▁t", tokens.get(259)); // the first merge
    assertEquals(0f, scores.get(259));
    assertEquals(-1f, scores.get(260)); // the second: "he"
    assertEquals(2, file.<Integer>list("tokenizer.ggml.token_type").get(0)); // <unk>
    assertEquals(6, file.<Integer>list("tokenizer.ggml.token_type").get(3)); // <0x00>
    assertEquals(true, file.metadata.get("tokenizer.ggml.add_space_prefix"));
    assertEquals(
        tensors(model).get("model.norm.weight").toFloats()[7],
        file.floats("output_norm.weight")[7]);
  }

  @Test
  void whatLlamaCppCannotExpressIsRefusedInASentence() {
    assertRefused("a score head", save(LLAMA.withScores(1), LETTERS, TensorType.F32));
  }

  @Test
  void familiesWindowsAndScalingsThatAreNotMappedAreRefusedInASentence() {
    for (DecoderConfig config :
        List.of(
            TinyDecoders.gpt2(),
            TinyDecoders.phi3(),
            TinyDecoders.gemma2(),
            TinyDecoders.gemma3())) {
      assertRefused(
          "models of the family %s cannot be written as GGUF yet, only llama, mistral, qwen2, qwen3"
              .formatted(config.family()),
          save(config, LETTERS, TensorType.F32));
    }
    DecoderConfig scaled =
        LLAMA.withTraits(DecoderTraits.PLAIN.withRotary(1, new RopeScaling.Llama3(8, 1, 4, 16)));
    assertRefused("the scaling of rotary positions Llama3", save(scaled, LETTERS, TensorType.F32));
    assertRefused(
        "a window of 6 tokens in the family mistral",
        save(TinyDecoders.mistral(), LETTERS, TensorType.F32));
  }

  @Test
  void aModelThatNothingEndsIsRefused() {
    Path model = save(LLAMA.withTokens(1, List.of(), 0), LETTERS, TensorType.F32);
    rewrite(model.resolve("tokenizer_config.json"), "\"eos_token\" : \"</s>\",", "");
    assertRefused("0 tokens that end a text", model);
  }

  @Test
  void anotherPreTokenizerIsRefusedByName() {
    Path model = save(family("qwen2", true, false, true), new ByteTokenizer(), TensorType.F32);
    rewrite(
        model.resolve("tokenizer.json"),
        "\"add_prefix_space\" : false",
        "\"add_prefix_space\":true");
    assertRefused("the pre-tokenizer {\"type\":\"ByteLevel\"", model);
  }

  @Test
  void aPersonsFileIsNotReplaced() throws Exception {
    Path model = save(LLAMA, LETTERS, TensorType.F32);
    Path file = Files.writeString(folder.resolve("mine.gguf"), "mine");
    var thrown =
        assertThrows(
            CheckpointException.class, () -> GgufExport.write(model, file, "x", GgufType.F32));
    assertTrue(thrown.getMessage().contains("it exists"), thrown.getMessage());
    assertEquals("mine", Files.readString(file));
  }

  private void assertRefused(String part, Path model) {
    Path file = folder.resolve("refused.gguf");
    var thrown =
        assertThrows(
            CheckpointException.class, () -> GgufExport.write(model, file, "x", GgufType.F32));
    assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
    assertFalse(Files.exists(file));
  }

  private static void rewrite(Path file, String from, String to) {
    try {
      String text = Files.readString(file);
      assertTrue(text.contains(from), text);
      Files.writeString(file, text.replace(from, to));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
